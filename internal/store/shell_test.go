package store_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

const insertUser = `INSERT INTO users (username, email, full_name, hashed_password, disabled) VALUES ($1, $2, $3, $4, $5)`

func TestUsersFromAShell(t *testing.T) {
	t.Run("sqlite", testUsersFromAShell)
	t.Run("postgres", testUsersFromAShell)
}

func testUsersFromAShell(t *testing.T) {
	s, path := newStore(t)
	conn := shell(t, path)
	rows := []struct {
		username, email, fullName, disabled string
		want                                bool
	}{
		{"joe", "'joe@example.com'", "'Joe Doe'", "FALSE", false},
		{"bob", "NULL", "NULL", "TRUE", true},
		{"eve", "NULL", "''", "'0'", false},
		{"Zoë", "'zoe@example.com'", "NULL", "'1'", true},
	}
	ids := map[string]bool{}
	for _, row := range rows {
		execute(t, conn, `INSERT INTO users (username, email, full_name, hashed_password, disabled) VALUES ('`+
			row.username+`', `+row.email+`, `+row.fullName+`, 'a hash', `+row.disabled+`)`)
		a := account(t, s, row.username)
		if a.Disabled != row.want || a.HashedPassword != "a hash" || !slices.Equal(a.Scopes, models.DefaultScopes()) ||
			(a.Email == nil) != (row.email == "NULL") || (a.FullName == nil) != (row.fullName == "NULL") {
			t.Errorf("%+v", a)
		}
		if a.ID == "" || ids[a.ID] {
			t.Errorf("%s has the id %q", row.username, a.ID)
		}
		ids[a.ID] = true
		if a.CreatedAt.Location() != time.UTC || time.Since(a.CreatedAt).Abs() > time.Minute {
			t.Errorf("%s was created at %v", row.username, a.CreatedAt)
		}
		createItem(t, s, a.User, "works as any other")
		if err := apitest.SetPassword(t.Context(), s, row.username, "new"); err != nil {
			t.Error(err)
		}
	}
	if all, err := allUsers(t.Context(), s); err != nil || len(all) != len(rows) {
		t.Errorf("%d users, %v", len(all), err)
	}
}

func TestShellKeepsTheRules(t *testing.T) {
	t.Run("sqlite", testShellKeepsTheRules)
	t.Run("postgres", testShellKeepsTheRules)
}

func testShellKeepsTheRules(t *testing.T) {
	s, path := newStore(t)
	createUser(t, s, "joe")
	conn := shell(t, path)
	tests := map[string][]any{
		"a taken username":              {"joe", nil, nil, "x", false},
		"a taken username, in capitals": {"JOE", nil, nil, "x", false},
		"a taken email":                 {"bob", "JOE@example.com", nil, "x", false},
		"no username":                   {nil, nil, nil, "x", false},
		"an empty username":             {"", nil, nil, "x", false},
		"an empty email":                {"bob", "", nil, "x", false},
		"no hash":                       {"bob", nil, nil, nil, false},
		"disabled that is no boolean":   {"bob", nil, nil, "x", "maybe"},
		"disabled that is null":         {"bob", nil, nil, "x", nil},
	}
	for what, values := range tests {
		if _, err := conn.ExecContext(t.Context(), insertUser, values...); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := s.AccountByUsername(t.Context(), "bob"); err == nil {
		t.Error("a row was left")
	}
}

func TestTimesFromAShellAreUTC(t *testing.T) {
	t.Run("sqlite", testTimesFromAShellAreUTC)
	t.Run("postgres", testTimesFromAShellAreUTC)
}

func testTimesFromAShellAreUTC(t *testing.T) {
	s, path := newStore(t)
	conn := shell(t, path)
	want := time.Date(2026, 1, 2, 12, 4, 5, 0, time.UTC)
	for i, written := range []string{
		"2026-01-02 12:04:05", "2026-01-02 15:04:05+03:00", "2026-01-02T15:04:05+03:00", "2026-01-02 12:04:05.000000+00:00",
	} {
		name := string(rune('a' + i))
		execute(t, conn, `INSERT INTO users (username, hashed_password, created_at) VALUES ($1, 'x', $2)`, name, written)
		a := account(t, s, name)
		if a.CreatedAt != want {
			t.Errorf("%s is read as %v", written, a.CreatedAt)
		}
	}
}
