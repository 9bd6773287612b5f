package store_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/models"
)

func TestCreateUser(t *testing.T) {
	t.Run("sqlite", testCreateUser)
	t.Run("postgres", testCreateUser)
}

func testCreateUser(t *testing.T) {
	now := newClock()
	s := open(t, newDatabase(t), now.now)
	email, name := "joe@example.com", "Joe Doe"
	made, err := s.CreateUser(t.Context(), models.NewUser{
		Username: "joe", Email: &email, FullName: &name, HashedPassword: "hash", Disabled: true, Scopes: []string{"items:read"},
	}, models.Trail{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Account(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a.Username != "joe" || *a.Email != email || *a.FullName != name || !a.Disabled || a.HashedPassword != "hash" ||
		!slices.Equal(a.Scopes, []string{"items:read"}) {
		t.Errorf("%+v", a)
	}
	want := time.Date(2026, 3, 1, 12, 4, 5, 123_456_000, time.UTC)
	if a.CreatedAt != want || made.CreatedAt != want {
		t.Errorf("created at %v, %v, want %v", a.CreatedAt, made.CreatedAt, want)
	}
}

func TestCreateUserScopes(t *testing.T) {
	t.Run("sqlite", testCreateUserScopes)
	t.Run("postgres", testCreateUserScopes)
}

func testCreateUserScopes(t *testing.T) {
	s, _ := newStore(t)
	tests := []struct {
		name         string
		scopes, want []string
	}{
		{"nobody-said", nil, models.DefaultScopes()},
		{"none", []string{}, []string{}},
		{"some", []string{"items:write", "items:read"}, []string{"items:write", "items:read"}},
	}
	for _, tt := range tests {
		u, err := s.CreateUser(t.Context(), models.NewUser{Username: tt.name, HashedPassword: "x", Scopes: tt.scopes}, models.Trail{})
		if err != nil || u.Scopes == nil || !slices.Equal(u.Scopes, tt.want) {
			t.Errorf("%s: %#v, %v, want %q", tt.name, u.Scopes, err, tt.want)
		}
	}
}

func TestTakenNames(t *testing.T) {
	t.Run("sqlite", testTakenNames)
	t.Run("postgres", testTakenNames)
}

func testTakenNames(t *testing.T) {
	s, _ := newStore(t)
	createUser(t, s, "joe") // and joe@example.com
	email := func(s string) *string { return &s }
	tests := []struct {
		user models.NewUser
		want string // empty where it is free
	}{
		{models.NewUser{Username: "joe"}, "The username is taken"},
		{models.NewUser{Username: "JOE"}, "The username is taken"},
		{models.NewUser{Username: "other", Email: email("joe@example.com")}, "The email is taken"},
		{models.NewUser{Username: "other", Email: email("Joe@Example.COM")}, "The email is taken"},
		{models.NewUser{Username: "joey"}, ""},
		{models.NewUser{Username: "joseph"}, ""}, // a second one without an email
		{models.NewUser{Username: "users_email"}, ""},
		{models.NewUser{Username: "USERS_email"}, "The username is taken"},
	}
	for _, tt := range tests {
		tt.user.HashedPassword = "x"
		_, err := s.CreateUser(t.Context(), tt.user, models.Trail{})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.user.Username, err)
		case tt.want != "":
			wantKind(t, tt.user.Username, err, models.KindConflict)
			if e, ok := err.(*models.Error); !ok || e.Detail != tt.want { //nolint:errorlint // it is never wrapped
				t.Errorf("%s: %v, want %q", tt.user.Username, err, tt.want)
			}
		}
	}
}

func TestAccount(t *testing.T) {
	t.Run("sqlite", testAccount)
	t.Run("postgres", testAccount)
}

func testAccount(t *testing.T) {
	s, _ := newStore(t)
	joe := createUser(t, s, "Joe")
	for _, name := range []string{"Joe", "joe", "JOE"} {
		if a := account(t, s, name); a.ID != joe.ID || a.Username != "Joe" {
			t.Errorf("%s finds %+v", name, a)
		}
	}
	for _, name := range []string{"", "jo", "joe ", "j%", "' OR 1=1 --", "joe\x00"} {
		_, err := s.AccountByUsername(t.Context(), name)
		wantKind(t, name, err, models.KindNotFound)
	}
	_, err := s.Account(t.Context(), "no such id")
	wantKind(t, "Account", err, models.KindNotFound)
}

func TestUsers(t *testing.T) {
	t.Run("sqlite", testUsers)
	t.Run("postgres", testUsers)
}

func testUsers(t *testing.T) {
	s, _ := newStore(t)
	if some, err := s.HasUsers(t.Context()); some || err != nil {
		t.Errorf("a new database has users: %v, %v", some, err)
	}
	if all, err := allUsers(t.Context(), s); len(all) != 0 || all == nil || err != nil {
		t.Errorf("a new database has %#v, %v", all, err)
	}
	for _, name := range []string{"bob", "Alice", "carol"} {
		createUser(t, s, name)
	}
	if some, err := s.HasUsers(t.Context()); !some || err != nil {
		t.Errorf("no users: %v", err)
	}
	all, err := allUsers(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range all {
		names = append(names, u.Username)
	}
	if !slices.Equal(names, []string{"Alice", "bob", "carol"}) {
		t.Errorf("%q", names)
	}
}

func TestSetDisabledAndScopes(t *testing.T) {
	t.Run("sqlite", testSetDisabledAndScopes)
	t.Run("postgres", testSetDisabledAndScopes)
}

func testSetDisabledAndScopes(t *testing.T) {
	s, _ := newStore(t)
	createUser(t, s, "joe")
	createUser(t, s, "bob")
	for _, disabled := range []bool{true, false} {
		if err := apitest.SetDisabled(t.Context(), s, "JOE", disabled); err != nil {
			t.Fatal(err)
		}
		if account(t, s, "joe").Disabled != disabled || account(t, s, "bob").Disabled {
			t.Errorf("disabled %v: joe %v, bob %v", disabled, account(t, s, "joe").Disabled, account(t, s, "bob").Disabled)
		}
	}
	for _, scopes := range [][]string{{"items:read"}, {}, nil, {"items:write", "items:read"}} {
		if err := apitest.SetScopes(t.Context(), s, "Joe", scopes); err != nil {
			t.Fatal(err)
		}
		if got := account(t, s, "joe").Scopes; got == nil || !slices.Equal(got, scopes) {
			t.Errorf("%#v, want %q", got, scopes)
		}
	}
	if got := account(t, s, "bob").Scopes; !slices.Equal(got, models.DefaultScopes()) {
		t.Errorf("bob has %q", got)
	}
}

func TestSetPasswordEndsTheSessions(t *testing.T) {
	t.Run("sqlite", testSetPasswordEndsTheSessions)
	t.Run("postgres", testSetPasswordEndsTheSessions)
}

func testSetPasswordEndsTheSessions(t *testing.T) {
	s, _ := newStore(t)
	joe, bob := createUser(t, s, "joe"), createUser(t, s, "bob")
	his, hers := createSession(t, s, joe, "his"), createSession(t, s, bob, "hers")
	if err := apitest.SetPassword(t.Context(), s, "JOE", "new"); err != nil {
		t.Fatal(err)
	}
	if a := account(t, s, "joe"); a.HashedPassword != "new" || a.PasswordChangedAt == nil {
		t.Errorf("%+v", a)
	}
	_, err := s.Caller(t.Context(), his, "jti")
	wantKind(t, "his session", err, models.KindNotFound)
	if u, err := s.Caller(t.Context(), hers, "jti"); err != nil || u.ID != bob.ID {
		t.Errorf("hers: %+v, %v", u, err)
	}
	if a := account(t, s, "bob"); a.HashedPassword != "hash of bob" || a.PasswordChangedAt != nil {
		t.Errorf("bob's was changed: %+v", a)
	}
}

func TestRenewHash(t *testing.T) {
	t.Run("sqlite", testRenewHash)
	t.Run("postgres", testRenewHash)
}

func testRenewHash(t *testing.T) {
	s, _ := newStore(t)
	joe := createUser(t, s, "joe")
	createUser(t, s, "bob")
	tests := []struct{ from, to, want string }{
		{"not the hash of joe", "new", "hash of joe"}, // the password was changed in the meantime
		{"hash of joe", "new", "new"},
		{"hash of joe", "newer", "new"},
	}
	for _, tt := range tests {
		if err := s.RenewHash(t.Context(), joe.ID, tt.from, tt.to); err != nil {
			t.Fatal(err)
		}
		a := account(t, s, "joe")
		if a.HashedPassword != tt.want || a.PasswordChangedAt != nil {
			t.Errorf("from %q to %q: %q, changed at %v", tt.from, tt.to, a.HashedPassword, a.PasswordChangedAt)
		}
	}
	if bob := account(t, s, "bob"); bob.HashedPassword != "hash of bob" {
		t.Errorf("bob's was changed: %+v", bob)
	}
}

func TestDeleteUser(t *testing.T) {
	t.Run("sqlite", testDeleteUser)
	t.Run("postgres", testDeleteUser)
}

func testDeleteUser(t *testing.T) {
	s, _ := newStore(t)
	joe, bob := createUser(t, s, "joe"), createUser(t, s, "bob")
	item, kept := createItem(t, s, joe, "joe's"), createItem(t, s, bob, "bob's")
	if err := apitest.DeleteUser(t.Context(), s, "JOE"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Account(t.Context(), joe.ID)
	wantKind(t, "the user", err, models.KindNotFound)
	_, err = s.Item(t.Context(), joe.ID, item.ID)
	wantKind(t, "the user's item", err, models.KindNotFound)
	if _, err := s.Item(t.Context(), bob.ID, kept.ID); err != nil {
		t.Error("another's item:", err)
	}
	if again := createUser(t, s, "joe"); again.ID == joe.ID {
		t.Error("the id has a second owner")
	}
	_, err = s.CreateItem(t.Context(), joe.ID, models.NewItem{Title: "x"})
	wantKind(t, "an item of a user who is gone", err, models.KindNotFound)
}

func TestChangesOfNobody(t *testing.T) {
	t.Run("sqlite", testChangesOfNobody)
	t.Run("postgres", testChangesOfNobody)
}

func testChangesOfNobody(t *testing.T) {
	s, _ := newStore(t)
	all := methods(t.Context(), s)
	for _, name := range []string{"SetDisabled", "SetScopes", "SetPassword", "DeleteUser"} {
		err := all[name]()
		wantKind(t, name, err, models.KindNotFound)
		if err != nil && err.Error() != "User not found" {
			t.Errorf("%s: %q", name, err)
		}
	}
	if err := all["RenewHash"](); err != nil { // nothing is lost
		t.Error("RenewHash:", err)
	}
}
