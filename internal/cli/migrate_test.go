package cli_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"latchkey/internal/apitest"
	"latchkey/models"
)

// newTarget is the URL of a new PostgreSQL database, with a password in it.
func newTarget(t *testing.T) string {
	t.Helper()
	database, err := url.Parse(apitest.NewPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	database.User = url.UserPassword(database.User.Username(), "hunter2")
	return database.String()
}

// TestMoveHouse copies a database with some life in it, and goes on living on
// the copy.
func TestMoveHouse(t *testing.T) {
	target := newTarget(t)
	s := newShell(t)
	keys := "--key-file=" + filepath.Join(t.TempDir(), "keys.pem")
	at := []string{keys, "--public-url=https://id.example.com", "--rate-limit=off"}
	old := apitest.Start(t, append(at, "--database-url="+s.url(), "--smtp-url=smtp://127.0.0.1:1")...)
	for _, name := range []string{"Zoë", "grace", "יוסי"} {
		if r := old.JSON(http.MethodPost, "/users/", "", `{"username":"`+name+`","password":"violet otter staple"}`); r.Status != http.StatusCreated {
			t.Fatal(r)
		}
	}
	if r := old.JSON(http.MethodPost, "/users/", "", `{"username":"ada","password":"violet otter staple","email":"ada@example.com"}`); r.Status != http.StatusCreated {
		t.Fatal(r) // her mail cannot be sent yet
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("an old password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	s.must(t, string(hash), "user", "add", "imported", "--hashed-password=-")
	s.must(t, "", "user", "disable", "grace")
	s.must(t, "", "client", "add", "robot", "--scopes=tokens:introspect")
	session := old.Session("ZOË", "violet otter staple")
	used := old.Session("ada", "violet otter staple")
	rotated := old.Refresh(used.RefreshToken)
	revoked := old.LogIn("johndoe", "secret")
	old.Form("/token/revoke", "token", revoked)
	if r := old.JSON(http.MethodPost, "/items/", session.AccessToken, `{"title":"Brass key 🗝"}`); r.Status != http.StatusCreated {
		t.Fatal(r)
	}
	me, items := old.Get("/users/me", session.AccessToken), old.Get("/items/", session.AccessToken)
	users, events := s.must(t, "", "user", "list", "--json"), s.must(t, "", "audit", "--json")

	args := []string{"migrate", "--to=" + target}
	wantFailure(t, args[:1], s.run(t, "", args...), 1, "is in use: stop the service")
	old.Stop()
	r := s.run(t, "", args...)
	if r.code != 0 || strings.Contains(r.out+r.err, "hunter2") {
		t.Fatalf("%+v", r)
	}
	wantWords(t, r.out, "TABLE ", "ROWS  CHECKSUM", "users           7     ", "Copied.", "LATCHKEY_DATABASE_URL", "latchkey.key.pem")
	wantWords(t, r.err, "Copying users: 7 of 7 rows\n")

	moved := shell{target}
	if got := moved.must(t, "", "user", "list", "--json"); got != users {
		t.Errorf("%s\nwant %s", got, users)
	}
	if got := moved.must(t, "", "audit", "--json"); got != events {
		t.Errorf("%s\nwant %s", got, events)
	}
	mailbox := apitest.NewMailbox(t)
	running := apitest.Start(t, append(at, "--database-url="+target, "--smtp-url="+mailbox.URL())...)
	for path, want := range map[string]apitest.Response{"/users/me": me, "/items/": items} {
		if got := running.Get(path, session.AccessToken); got.Status != http.StatusOK || got.Body != want.Body {
			t.Errorf("%s: %d %s\nwant %s", path, got.Status, got.Body, want.Body)
		}
	}
	if got := running.Get("/users/me", revoked); got.Status != http.StatusUnauthorized {
		t.Errorf("with a revoked token: %+v", got)
	}
	running.Refresh(session.RefreshToken)
	running.Refresh(rotated.RefreshToken)
	running.LogIn("zoë", "violet otter staple")
	running.LogIn("imported", "an old password")
	wantRefusals(t, running, used)
	mailbox.Wait("ada@example.com")
	wantFailure(t, args[:1], s.run(t, "", args...), 1, "not empty")
}

// wantRefusals fails the test where what was refused before is not any more.
func wantRefusals(t *testing.T, running *apitest.Server, used models.TokenAnswer) {
	t.Helper()
	running.Clock.Advance(time.Minute) // past the window for retries
	if r := running.Form("/token", "grant_type", "refresh_token", "refresh_token", used.RefreshToken); r.Status != http.StatusBadRequest {
		t.Errorf("with a used refresh token: %+v", r)
	}
	if r := running.Get("/users/me", running.LogIn("grace", "violet otter staple")); r.Status != http.StatusBadRequest {
		t.Errorf("a disabled user: %+v", r)
	}
	if r := running.Form("/token", "username", "ada", "password", "wrong", "client_id", "robot"); r.Status != http.StatusUnauthorized {
		t.Errorf("a client without its secret: %+v", r)
	}
}

func TestMigrateMisuse(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--to=sqlite:other.db"}, "--to (LATCHKEY_MIGRATE_TO): must be the URL of a PostgreSQL database"},
		{[]string{"--to=other.db"}, "must be the URL"},
		{[]string{"--to=mysql://joe:hunter2@db/x"}, "must be the URL"},
		{[]string{"--to=postgres://joe:hunter2@db"}, "it names no database"},
		{[]string{"--to=postgres://joe:hun@ter2/@db/x"}, "%40"},
		{[]string{"--to=postgres://joe:hunter2@db/x", "--database-url=postgres://joe:hunter2@db/y"}, "only an SQLite database can be copied"},
		{[]string{"--to=postgres://joe:hunter2@db/x", "--database-url=hunter"}, "--database-url (LATCHKEY_DATABASE_URL)"},
		{[]string{"--to=postgres://joe:hunter2@db/x", "more"}, "unexpected argument"},
		{[]string{"--to"}, "expected"},
	} {
		args := append([]string{"migrate"}, tt.args...)
		r := run(t, "", args...)
		wantFailure(t, args, r, 2, tt.want)
		if strings.Contains(r.err, "ter2") {
			t.Errorf("it shows the password: %s", r.err)
		}
	}
	t.Setenv("LATCHKEY_MIGRATE_TO", "postgres://joe:hunter2@127.0.0.1:1/x?sslmode=disable")
	newShell(t).must(t, "", "version")
	s := newShell(t)
	r := s.run(t, "", "migrate")
	wantFailure(t, []string{"migrate"}, r, 1, "database x on 127.0.0.1:1")
	if strings.Contains(r.err, "hunter2") {
		t.Errorf("it shows the password: %s", r.err)
	}
	if _, err := os.Stat(s.database); err == nil {
		t.Error("it made a database to copy")
	}
}
