//go:build linux

package faults_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// cuts are ways to lose a server that is still there.
var cuts = map[string]func(*proxy){"refused": (*proxy).refuse, "silent": (*proxy).hush}

// on is an instance on that database, with these keys.
func on(t *testing.T, database, keys string, flags ...string) *instance {
	t.Helper()
	return launch(t, append([]string{"--database-url=" + database, "--key-file=" + keys, "--demo=on"}, flags...)...)
}

func newKeys(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "latchkey.key.pem")
}

// remembered makes sure that the token is good at the instance, which need not
// ask the database about it again.
func (i *instance) remembered(token string) {
	i.t.Helper()
	for range 3 {
		wantStatus(i.t, "before the fault", i.get("/users/me", token), http.StatusOK)
	}
}

// believed is for how long an instance that cannot ask may go on believing.
const believed = time.Second

// lost asks who a token stands for until that cannot be known. What is known by
// heart may be told for a second after the cut, and not to whoever asks later.
func (i *instance) lost(token string, cut time.Time) {
	i.t.Helper()
	eventually(i.t, "nothing is believed any more", func() bool {
		a := i.get("/users/me", token)
		if a.status == http.StatusOK {
			if age := a.sent.Sub(cut); age > believed {
				i.t.Errorf("believed %s after the cut", age)
			}
			return false
		}
		wantUnavailable(i.t, "GET /users/me", a)
		return true
	})
}

// everything that a database is needed for, by a client who is logged in.
func everything(access, refreshToken string) map[string]func(*instance) answer {
	return map[string]func(*instance) answer{
		"GET /users/me": func(i *instance) answer { return i.get("/users/me", access) },
		"GET /items/":   func(i *instance) answer { return i.get("/items/", access) },
		"POST /items/":  func(i *instance) answer { return i.post("/items/", access, `{"title": "a"}`) },
		"GET /readyz":   func(i *instance) answer { return i.get("/readyz", "") },
		"log in":        func(i *instance) answer { return i.post("/token", "", login("johndoe", "secret")) },
		"refresh":       func(i *instance) answer { return i.post("/token", "", refresh(refreshToken)) },
		"revoke":        func(i *instance) answer { return i.post("/token/revoke", "", form("token", refreshToken)) },
		"recover":       func(i *instance) answer { return i.post("/password-recovery", "", `{"email": "a@example.com"}`) },
		"sign up": func(i *instance) answer {
			return i.post("/users/", "", `{"username": "somebody", "password": "a long password"}`)
		},
		"change the password": func(i *instance) answer {
			return i.send(http.MethodPut, "/users/me/password", access, `{"current_password": "secret", "new_password": "a long password"}`)
		},
	}
}

// refuseEverything wants a 503 for all that needs the database, and nothing else.
func (i *instance) refuseEverything(session models.TokenAnswer) {
	i.t.Helper()
	var all sync.WaitGroup
	for what, ask := range everything(session.AccessToken, session.RefreshToken) {
		all.Go(func() { wantUnavailable(i.t, what, ask(i)) })
	}
	for _, path := range []string{"/healthz", "/.well-known/jwks.json", "/docs"} {
		all.Go(func() { wantStatus(i.t, path, i.get(path, ""), http.StatusOK) })
	}
	all.Go(func() { wantStatus(i.t, "a forged token", i.get("/users/me", "a.b.c"), http.StatusUnauthorized) })
	all.Wait()
}

// wantServed waits until the instance has recovered by itself.
func (i *instance) wantServed(access string) {
	i.t.Helper()
	for what, ask := range map[string]func() answer{
		"ready again":         func() answer { return i.get("/readyz", "") },
		"reads again":         func() answer { return i.get("/users/me", access) },
		"lets log in again":   func() answer { return i.post("/token", "", login("johndoe", "secret")) },
		"signs people up too": func() answer { return i.signUp(fmt.Sprint("later", time.Now().UnixNano())) },
	} {
		eventually(i.t, what, func() bool {
			a := ask()
			if a.status/100 == 2 {
				return true
			}
			wantUnavailable(i.t, what, a)
			return false
		})
	}
}

func (i *instance) signUp(name string) answer {
	i.t.Helper()
	return i.post("/users/", "", fmt.Sprintf(`{"username": %q, "password": "a long password"}`, name))
}

func TestPostgresIsCut(t *testing.T) {
	t.Parallel()
	for how, cut := range cuts {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, apitest.NewPostgres(t))
			i := on(t, p.url, newKeys(t))
			session := i.logIn("johndoe", "secret")
			for range 2 {
				i.remembered(session.AccessToken)
				cut(p)
				i.lost(session.AccessToken, time.Now())
				i.refuseEverything(session)
				p.heal()
				i.wantServed(session.AccessToken)
			}
		})
	}
}

// TestPostgresRevocationDuringACut has a token revoked at one instance while
// the other cannot hear of it.
func TestPostgresRevocationDuringACut(t *testing.T) {
	t.Parallel()
	for how, cut := range cuts {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			database, keys := apitest.NewPostgres(t), newKeys(t)
			p := newProxy(t, database)
			here, there := on(t, database, keys), on(t, p.url, keys)
			for _, revoke := range []func(access, refresh string) answer{
				func(access, _ string) answer { return here.post("/token/revoke", "", form("token", access)) },
				func(_, refresh string) answer { return here.post("/token/revoke", "", form("token", refresh)) },
				func(access, _ string) answer { return here.send(http.MethodDelete, "/users/me/sessions", access, "") },
			} {
				revoked, other := here.logIn("johndoe", "secret"), here.logIn("johndoe", "secret")
				there.remembered(revoked.AccessToken)
				there.remembered(other.AccessToken)
				cut(p)
				at := time.Now()
				a := revoke(revoked.AccessToken, revoked.RefreshToken)
				dead, live := revoked.AccessToken, other.AccessToken
				if a.status == http.StatusNoContent {
					dead, live = live, dead
				}
				if a.status/100 != 2 {
					t.Fatalf("revoke: %d %s", a.status, a.body)
				}
				there.lost(dead, at)
				p.heal()
				eventually(t, "the other instance has heard of it", func() bool {
					a := there.get("/users/me", dead)
					if a.status == http.StatusServiceUnavailable {
						return false
					}
					wantStatus(t, "revoked", a, http.StatusUnauthorized)
					return true
				})
				eventually(t, "others are believed", func() bool { return there.get("/users/me", live).status == http.StatusOK })
				wantStatus(t, "revoked", there.get("/users/me", dead), http.StatusUnauthorized)
			}
		})
	}
}

// TestPostgresIsSlow has each message take a while, then much longer than anybody waits.
func TestPostgresIsSlow(t *testing.T) {
	t.Parallel()
	p := newProxy(t, apitest.NewPostgres(t))
	i := on(t, p.url, newKeys(t), "--rate-limit=off")
	session := i.logIn("johndoe", "secret")
	for _, d := range []time.Duration{100 * time.Millisecond, 3 * time.Second} {
		p.slow(d)
		var all sync.WaitGroup
		var served, refused atomic.Int32
		for what, ask := range everything(session.AccessToken, session.RefreshToken) {
			if what == "revoke" || what == "change the password" {
				continue
			}
			all.Go(func() {
				a := ask(i)
				switch {
				case a.status/100 == 2, a.status == http.StatusConflict:
					served.Add(1)
				default:
					refused.Add(1)
					wantUnavailable(t, what, a)
				}
				wantStatus(t, "it is alive", i.get("/healthz", ""), http.StatusOK)
			})
		}
		all.Wait()
		t.Logf("with %s: %d served, %d refused", d, served.Load(), refused.Load())
		if d < time.Second && served.Load() == 0 || d > time.Second && refused.Load() == 0 {
			t.Error("that made no difference")
		}
		p.heal()
		i.wantServed(session.AccessToken)
	}
}
