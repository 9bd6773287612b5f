//go:build linux

package faults_test

import (
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/models"
)

// crowd are clients who write without pause, and keep a record of what they
// were told: what was acknowledged has to be there whatever happens, and of
// what was not, all or nothing.
type crowd struct {
	t        *testing.T
	name     string
	instance func() *instance // to ask next; it may be called by several
	writers  []*writer
	resting  atomic.Bool
	working  sync.WaitGroup
	acked    atomic.Int64
	random   *rand.Rand // the test's own
}

// newCrowd signs as many writers up, and logs them in.
func newCrowd(t *testing.T, size int, instance func() *instance) *crowd {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Log("the crowd's seed is ", seed)
	c := &crowd{t: t, name: strings.ToLower(crand.Text()[:8]), instance: instance, random: rand.New(rand.NewPCG(seed, 0))}
	for n := range size {
		w := &writer{
			crowd: c, name: fmt.Sprintf("%s-%d", c.name, n), password: "a long password",
			items: ledger{}, users: ledger{}, random: rand.New(rand.NewPCG(seed, 1+uint64(n))),
		}
		wantStatus(t, w.name, instance().signUp(w.name), http.StatusCreated)
		w.users[w.name] = true
		w.keep(instance().logIn(w.name, w.password))
		c.writers = append(c.writers, w)
	}
	return c
}

// work has everybody write until rest.
func (c *crowd) work() {
	c.resting.Store(false)
	for _, w := range c.writers {
		c.working.Go(func() {
			for !c.resting.Load() {
				w.step()
			}
		})
	}
}

func (c *crowd) rest() {
	c.resting.Store(true)
	c.working.Wait()
}

// wantProgress waits until some more was acknowledged.
func (c *crowd) wantProgress() {
	c.t.Helper()
	before := c.acked.Load()
	eventually(c.t, "more was acknowledged", func() bool { return c.acked.Load() >= before+int64(3*len(c.writers)) })
}

// ledger says of what was attempted whether it was acknowledged.
type ledger map[string]bool

// writer is one of a crowd. It is nobody else's while the crowd works.
type writer struct {
	crowd  *crowd
	random *rand.Rand

	name      string
	password  string
	next      string // what the password may be as well, if it is not known
	changes   int    // of the password
	session   models.TokenAnswer
	refreshes int // that were acknowledged
	items     ledger
	users     ledger
	tried     int
}

// keep makes it the session to go on with.
func (w *writer) keep(session models.TokenAnswer) { w.session = session }

// ask sends a request, and reports whether it was acknowledged. That it was not
// has to be either a 503 or no answer at all.
func (w *writer) ask(method, path, token, body string, want int) (answer, bool) {
	a, err := w.crowd.instance().try(method, path, token, body)
	switch {
	case err != nil:
		pause(5 * time.Millisecond) // it may be gone
		return a, false
	case a.status == want:
		w.crowd.acked.Add(1)
		return a, true
	}
	wantUnavailable(w.crowd.t, w.name+": "+method+" "+path, a)
	return a, false
}

// step makes one change.
func (w *writer) step() {
	w.tried++
	switch n := w.random.IntN(10); {
	case n < 5:
		title := fmt.Sprintf("%s item %d", w.name, w.tried)
		_, w.items[title] = w.ask(http.MethodPost, "/items/", w.session.AccessToken, fmt.Sprintf(`{"title": %q}`, title), http.StatusCreated)
	case n < 8:
		w.refresh()
	case n < 9:
		name := fmt.Sprintf("%s-%d", w.name, w.tried)
		_, w.users[name] = w.ask(http.MethodPost, "/users/", "",
			fmt.Sprintf(`{"username": %q, "email": "%s@example.com", "password": "a long password"}`, name, name), http.StatusCreated)
	default:
		w.changePassword()
	}
}

// refresh goes on with the old token where there was no answer: that is a retry.
func (w *writer) refresh() {
	if a, ok := w.ask(http.MethodPost, "/token", "", refresh(w.session.RefreshToken), http.StatusOK); ok {
		w.refreshes++
		w.keep(decode[models.TokenAnswer](w.crowd.t, a, http.StatusOK))
	}
}

func (w *writer) changePassword() {
	if !w.knowsPassword() {
		return
	}
	next := crand.Text()
	body := fmt.Sprintf(`{"current_password": %q, "new_password": %q}`, w.password, next)
	if _, ok := w.ask(http.MethodPut, "/users/me/password", w.session.AccessToken, body, http.StatusNoContent); ok {
		w.password = next
		w.changes++
		return
	}
	w.next = next
}

// knowsPassword finds out which one it is, after a change without an answer.
// Such a change may still come to its end, hence the second look.
func (w *writer) knowsPassword() bool {
	if w.next == "" {
		return true
	}
	for range 2 {
		for _, password := range []string{w.next, w.password} {
			a, err := w.crowd.instance().try(http.MethodPost, "/token", "", login(w.name, password))
			if err == nil && a.status == http.StatusOK {
				if password == w.next {
					w.changes++
				}
				w.password, w.next = password, ""
				return true
			}
			if err != nil || a.status != http.StatusBadRequest {
				return false // not now
			}
		}
	}
	w.crowd.t.Errorf("%s: neither the old nor the new password is right", w.name)
	return false
}

// check holds what is there against what was told. The crowd rests.
func (c *crowd) check(database string) {
	c.t.Helper()
	db := connect(c.t, database)
	for _, w := range c.writers {
		eventually(c.t, w.name+" knows the password", w.knowsPassword)
		if a := c.instance().post("/token", "", login(w.name, w.password)); a.status != http.StatusOK {
			c.t.Errorf("%s: the password: %d %s", w.name, a.status, a.body)
		}
		wantStatus(c.t, w.name+": the access token", c.instance().get("/users/me", w.session.AccessToken), http.StatusOK)
		a := c.instance().post("/token", "", refresh(w.session.RefreshToken))
		w.keep(decode[models.TokenAnswer](c.t, a, http.StatusOK))
		w.refreshes++
		w.items.check(c.t, "items of "+w.name, db.texts(
			`SELECT title FROM items WHERE owner_id = (SELECT id FROM users WHERE username = $1)`, w.name))
		w.users.check(c.t, "users made by "+w.name, db.texts(
			`SELECT username FROM users WHERE username = $1 OR username LIKE $2`, w.name, w.name+"-%"))
		const events = `SELECT COUNT(*) FROM events WHERE kind = $1 AND user_id = (SELECT id FROM users WHERE username = $2)`
		if n := db.number(events, "password_changed", w.name); n != w.changes {
			c.t.Errorf("%s: %d changes of the password in the audit trail, want %d", w.name, n, w.changes)
		}
		if n := db.number(events, "token_refreshed", w.name); n < w.refreshes {
			c.t.Errorf("%s: %d refreshes in the audit trail, at least %d were acknowledged", w.name, n, w.refreshes)
		}
	}
	db.checkWhole()
	c.t.Logf("%d changes were acknowledged and are there", c.acked.Load())
}

// check wants all that was acknowledged, once, and nothing that was not tried.
func (l ledger) check(t *testing.T, what string, found []string) {
	t.Helper()
	slices.Sort(found)
	if len(slices.Compact(slices.Clone(found))) < len(found) {
		t.Errorf("%s: some are there twice", what)
	}
	for name, acked := range l {
		if _, there := slices.BinarySearch(found, name); acked && !there {
			t.Errorf("%s: %q was acknowledged and is lost", what, name)
		}
	}
	for _, name := range found {
		if _, tried := l[name]; !tried {
			t.Errorf("%s: nobody tried %q", what, name)
		}
	}
}
