package service_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/service"
)

// instances are two services on one database, with the same keys.
func instances(t *testing.T, flags ...string) [2]*apitest.Server {
	t.Helper()
	flags = append(apitest.NewDatabase(t), flags...)
	flags = append(flags, "--public-url=http://127.0.0.1:8000")
	return [2]*apitest.Server{apitest.Start(t, flags...), apitest.Start(t, flags...)}
}

func me(s *apitest.Server, token string) int { return s.Get("/users/me", token).Status }

// soon fails the test if it is not so a second from now, or sooner.
func soon(t *testing.T, what string, d time.Duration, so func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !so(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Errorf("%s: not within %s", what, d)
			return
		}
	}
}

func TestInstances(t *testing.T) {
	t.Run("sqlite", testInstances)
	t.Run("postgres", testInstances)
}

// testInstances has what is done at one instance count at the other.
func testInstances(t *testing.T) {
	both := instances(t)
	for i, here := range both {
		there := both[1-i]
		session := here.Session("johndoe", "secret")
		if a, b := me(here, session.AccessToken), me(there, session.AccessToken); a != http.StatusOK || b != http.StatusOK {
			t.Fatalf("status %d here, %d there", a, b)
		}
		next := there.Refresh(session.RefreshToken)
		if a, b := me(here, next.AccessToken), me(there, next.AccessToken); a != http.StatusOK || b != http.StatusOK {
			t.Fatalf("refreshed there: status %d here, %d there", a, b)
		}
		if resp := here.Form("/token/revoke", "token", next.RefreshToken); resp.Status != http.StatusOK {
			t.Fatalf("%d %s", resp.Status, resp.Body)
		}
		if status := me(here, next.AccessToken); status != http.StatusUnauthorized {
			t.Errorf("status %d right after logging out", status)
		}
		soon(t, "the other instance feels it", time.Second, func() bool {
			return me(there, next.AccessToken) == http.StatusUnauthorized
		})
	}
}

func TestInstancesFeelTheShell(t *testing.T) {
	t.Run("sqlite", testInstancesFeelTheShell)
	t.Run("postgres", testInstancesFeelTheShell)
}

func testInstancesFeelTheShell(t *testing.T) {
	both := instances(t)
	token := both[0].LogIn("johndoe", "secret")
	for _, tc := range []struct {
		statement string
		status    int
	}{
		{`UPDATE users SET disabled = TRUE WHERE username = 'johndoe'`, http.StatusBadRequest},
		{`UPDATE users SET disabled = FALSE WHERE username = 'johndoe'`, http.StatusOK},
		{`DELETE FROM sessions`, http.StatusUnauthorized},
	} {
		both[0].Exec(tc.statement)
		for i, s := range both {
			soon(t, fmt.Sprint("instance ", i, " after ", tc.statement), time.Second, func() bool { return me(s, token) == tc.status })
		}
	}
}

// TestInstancesRefreshAtOnce has 16 clients use one refresh token, at two instances.
func TestInstancesRefreshAtOnce(t *testing.T) {
	t.Run("sqlite", testInstancesRefreshAtOnce)
	t.Run("postgres", testInstancesRefreshAtOnce)
}

func testInstancesRefreshAtOnce(t *testing.T) {
	both := instances(t, "--refresh-reuse-window=0s")
	for range 3 {
		session := both[0].Session("johndoe", "secret")
		var won, lost atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range 16 {
			all.Go(func() {
				<-start
				resp := both[i%2].Form("/token", "grant_type", "refresh_token", "refresh_token", session.RefreshToken)
				switch {
				case resp.Status == http.StatusOK:
					won.Add(1)
				case resp.Status == http.StatusBadRequest && strings.Contains(resp.Body, "invalid_grant"):
					lost.Add(1)
				default:
					t.Errorf("%d %s", resp.Status, resp.Body)
				}
			})
		}
		close(start)
		all.Wait()
		if won.Load() != 1 || won.Load()+lost.Load() != 16 {
			t.Errorf("%d won, %d lost", won.Load(), lost.Load())
		}
	}
}

// TestPostgresIsAway has no connection hold, again and again: what cannot be
// known is a 503, and it goes on by itself.
func TestPostgresIsAway(t *testing.T) {
	flags := apitest.NewDatabase(t)
	database := strings.TrimPrefix(flags[0], "--database-url=")
	s := apitest.Start(t, flags...)
	token := s.LogIn("johndoe", "secret")
	shell := postgresShell(t, database, "postgres")
	name := database[strings.LastIndex(database, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	allow := func(yes bool) {
		t.Helper()
		statement := `ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS ` + strconv.FormatBool(yes)
		if _, err := shell.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if _, err := shell.ExecContext(t.Context(),
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		allow(false)
		soon(t, "nothing is believed any more", time.Second+100*time.Millisecond, func() bool { return me(s, token) != http.StatusOK })
		for range 3 {
			for _, resp := range []apitest.Response{
				s.Get("/users/me", token), s.Get("/items/", token), s.Get("/readyz", ""),
				s.Form("/token", "username", "johndoe", "password", "secret"),
			} {
				if resp.Status != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
					t.Errorf("%d %s", resp.Status, resp.Body)
				}
			}
		}
		allow(true)
		soon(t, "it serves again", 10*time.Second, func() bool { return me(s, token) == http.StatusOK })
		soon(t, "it lets people log in again", 10*time.Second, func() bool {
			return s.Form("/token", "username", "johndoe", "password", "secret").Status == http.StatusOK
		})
		allow(true) // cuts all connections once more, without anybody being kept out
		soon(t, "it goes on", time.Second, func() bool { return me(s, token) == http.StatusOK })
	}
}

// postgresShell is connected to another database of the same server.
func postgresShell(t *testing.T, database, other string) *sql.DB {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + other
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestPostgresStartsAtOnce has several instances find a database without tables.
func TestPostgresStartsAtOnce(t *testing.T) {
	flags := append(apitest.NewDatabase(t), "--addr=127.0.0.1:0", "--demo=on")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := service.Start(t.Context(), apitest.Settings(t, flags...), slog.New(slog.DiscardHandler), time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestPostgresStartFails says which database it is, and keeps the password.
func TestPostgresStartFails(t *testing.T) {
	flags := []string{
		"--addr=127.0.0.1:0", "--database-url=postgres://joe:hunter2@127.0.0.1:1/keys", "--key-file=" + filepath.Join(t.TempDir(), "key.pem"),
	}
	var log apitest.Buffer
	s, err := service.Start(t.Context(), apitest.Settings(t, flags...), slog.New(slog.NewTextHandler(&log, nil)), time.Now)
	wantError(t, s, err, "PostgreSQL, database keys on 127.0.0.1:1")
	if strings.Contains(fmt.Sprint(err, log.String()), "hunter2") {
		t.Errorf("%v\n%s", err, log.String())
	}
}
