package store_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
	"latchkey/models"
)

// clock is a time that stands still until it is moved. Its zone and its
// nanoseconds are not what the store keeps.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func newClock() *clock {
	return &clock{time.Date(2026, 3, 1, 15, 4, 5, 123_456_789, time.FixedZone("", 3*3600))}
}

// open opens the database, with its tables, until the test ends.
func open(t *testing.T, source string, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(source, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// onPostgres reports on which engine a test runs: it is part of its name.
func onPostgres(t *testing.T) bool {
	t.Helper()
	return strings.Contains(strings.ToLower(t.Name()), "postgres")
}

// newDatabase is what to open for a new database, without tables.
func newDatabase(t *testing.T) (source string) {
	t.Helper()
	if onPostgres(t) {
		return apitest.NewPostgres(t)
	}
	return filepath.Join(t.TempDir(), "latchkey.db")
}

// newStore is a store on a new database, and what it was opened by.
func newStore(t *testing.T) (s *store.Store, source string) {
	t.Helper()
	source = newDatabase(t)
	return open(t, source, time.Now), source
}

// shell is a connection that knows nothing of the store, as a database
// shell's, until the test ends.
func shell(t *testing.T, source string) *sql.Conn {
	t.Helper()
	driver := "pgx"
	if !onPostgres(t) {
		driver, source = "sqlite", "file:"+(&url.URL{Path: source}).EscapedPath()+"?_pragma=busy_timeout(5000)"
	}
	return connect(t, driver, source)
}

// connect is a connection to a database until the test ends.
func connect(t *testing.T, driver, source string) *sql.Conn {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = db.Close()
	})
	return conn
}

func execute(t *testing.T, conn *sql.Conn, statement string, args ...any) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// column is what a query of one column finds.
func column(t *testing.T, conn *sql.Conn, query string) (values []string) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

// createUser makes a user of that name, with an email of that name.
func createUser(t *testing.T, s *store.Store, name string) models.User {
	t.Helper()
	email := name + "@example.com"
	u, err := s.CreateUser(t.Context(), models.NewUser{Username: name, Email: &email, HashedPassword: "hash of " + name}, models.Trail{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func account(t *testing.T, s *store.Store, name string) models.Account {
	t.Helper()
	a, err := s.AccountByUsername(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func createItem(t *testing.T, s *store.Store, owner models.User, title string) models.Item {
	t.Helper()
	item, err := s.CreateItem(t.Context(), owner.ID, models.NewItem{Title: title})
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// wantKind fails the test where err is of another kind.
func wantKind(t *testing.T, what string, err error, kind models.Kind) {
	t.Helper()
	if err == nil || models.KindOf(err) != kind {
		t.Errorf("%s: %v (kind %d), want kind %d", what, err, models.KindOf(err), kind)
	}
}

// methods are all that use the database, each with arguments that make sense.
func methods(ctx context.Context, s *store.Store) map[string]func() error {
	q := models.PageQuery{Limit: 20}
	return map[string]func() error{
		"Ready":    func() error { return s.Ready(ctx) },
		"HasUsers": func() error { _, err := s.HasUsers(ctx); return err },
		"CreateUser": func() error {
			_, err := s.CreateUser(ctx, models.NewUser{Username: "new", HashedPassword: "x"}, models.Trail{})
			return err
		},
		"Account":           func() error { _, err := s.Account(ctx, "id"); return err },
		"AccountByUsername": func() error { _, err := s.AccountByUsername(ctx, "joe"); return err },
		"Users":             func() error { _, err := allUsers(ctx, s); return err },
		"SetDisabled":       func() error { return apitest.SetDisabled(ctx, s, "joe", true) },
		"SetScopes":         func() error { return apitest.SetScopes(ctx, s, "joe", nil) },
		"SetPassword":       func() error { return apitest.SetPassword(ctx, s, "joe", "x") },
		"RenewHash":         func() error { return s.RenewHash(ctx, "id", "x", "y") },
		"DeleteUser":        func() error { return apitest.DeleteUser(ctx, s, "joe") },
		"CreateItem":        func() error { _, err := s.CreateItem(ctx, "id", models.NewItem{Title: "x"}); return err },
		"Item":              func() error { _, err := s.Item(ctx, "id", "id"); return err },
		"Items":             func() error { _, err := s.Items(ctx, "id", q); return err },
		"ChangeItem":        func() error { _, err := s.ChangeItem(ctx, "id", "id", models.ItemChanges{}); return err },
		"DeleteItem":        func() error { return s.DeleteItem(ctx, "id", "id") },
		"SettleDemo": func() error {
			_, _, err := s.SettleDemo(ctx, true, func() ([]models.NewUser, error) { return nil, nil })
			return err
		},
	}
}

// createSession begins a session of the user's, with a refresh token of that hash.
func createSession(t *testing.T, s *store.Store, u models.User, hash string) (id string) {
	t.Helper()
	id, err := s.CreateSession(t.Context(), models.NewSession{
		UserID: u.ID, HashedPassword: account(t, s, u.Username).HashedPassword, ClientID: "anonymous", Scopes: u.Scopes,
		ExpiresAt: time.Now().Add(time.Hour), RefreshHash: hash,
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// after is the id that the page of that next ended with.
func after(t *testing.T, next *string) string {
	t.Helper()
	id, ok := models.ReadCursor(*next)
	if !ok {
		t.Fatalf("the next %q is no cursor", *next)
	}
	return id
}

// allUsers are the users of the first page.
func allUsers(ctx context.Context, s *store.Store) ([]models.User, error) {
	page, err := s.Users(ctx, models.UserQuery{PageQuery: models.PageQuery{Limit: models.MaxPageLimit}})
	return page.Data, err
}
