package service_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/apitest"
	"latchkey/internal/passwords"
	"latchkey/internal/service"
	"latchkey/internal/store"
	"latchkey/models"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	m.Run()
}

// newDatabase is the path of a database that is not there yet.
func newDatabase(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "latchkey.db")
}

// start starts a service on that database and a free loopback port. Flags
// that come later win.
func start(t *testing.T, database string, log *apitest.Buffer, flags ...string) (*service.Service, error) {
	t.Helper()
	flags = append([]string{"--addr=127.0.0.1:0", "--database-url=sqlite:" + database}, flags...)
	logger := slog.New(slog.NewTextHandler(log, nil))
	return service.Start(t.Context(), apitest.Settings(t, flags...), logger, time.Now)
}

// started is a service that has started and is closed when the test ends.
func started(t *testing.T, database string, flags ...string) *service.Service {
	t.Helper()
	s, err := start(t, database, new(apitest.Buffer), flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// serve lets it answer until stop is called, which returns Serve's error.
func serve(t *testing.T, s *service.Service) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

// logIn is the status of a login.
func logIn(t *testing.T, s *service.Service, username, password string) int {
	t.Helper()
	resp, err := http.PostForm("http://"+s.Addr().String()+"/token", url.Values{"username": {username}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// withStore lets f change the database past the service.
func withStore(t *testing.T, database string, f func(*store.Store) error) {
	t.Helper()
	s, err := store.Open(database, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f(s); err != nil {
		t.Fatal(err)
	}
}

// setPassword gives a user another password.
func setPassword(t *testing.T, database, username, password string) {
	t.Helper()
	hasher := passwords.NewHasher(passwords.Params{Memory: 8, Time: 1, Parallelism: 1}, passwords.NewGate(1, 0))
	hash, err := hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	withStore(t, database, func(s *store.Store) error { return apitest.SetPassword(t.Context(), s, username, hash) })
}

func deleteUser(t *testing.T, database, username string) {
	t.Helper()
	withStore(t, database, func(s *store.Store) error { return apitest.DeleteUser(t.Context(), s, username) })
}

// wantClosed fails the test while somebody has the database open: SQLite
// keeps files beside it until then.
func wantClosed(t *testing.T, database string) {
	t.Helper()
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(database + suffix); err == nil {
			t.Errorf("the database is still open: there is %s", filepath.Base(database)+suffix)
		}
	}
}

// wantError fails the test where the service has started, or the error lacks
// one of the words.
func wantError(t *testing.T, s *service.Service, err error, words ...string) {
	t.Helper()
	if err == nil {
		_ = s.Close()
		t.Error("the service has started")
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q lacks %q", err, word)
		}
	}
}

func newUser(username, email string) models.NewUser {
	return models.NewUser{Username: username, Email: &email, HashedPassword: "none"}
}
