package cli_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/passwords"
	"latchkey/internal/store"
	"latchkey/models"
)

// wantPassword fails the test where the user's password is another one.
func (s shell) wantPassword(t *testing.T, name, password string) {
	t.Helper()
	hasher := passwords.NewHasher(passwords.DefaultParams(), passwords.NewGate(1, 0))
	ok, err := hasher.Verify(t.Context(), password, s.account(t, name).HashedPassword)
	if !ok || err != nil {
		t.Errorf("%s has another password than %q, %v", name, password, err)
	}
}

func TestUserAdd(t *testing.T) {
	s := newShell(t)
	r := s.run(t, "correct horse battery\n", "user", "add", "joe")
	if r.code != 0 || r.out != "Created joe.\n" || r.err != "latchkey: created the database "+s.database+"\n" {
		t.Errorf("%+v", r)
	}
	joe := s.account(t, "joe")
	if joe.Email != nil || joe.FullName != nil || joe.Disabled || !slices.Equal(joe.Scopes, models.DefaultScopes()) {
		t.Errorf("%+v", joe)
	}
	s.wantPassword(t, "joe", "correct horse battery")

	out := s.must(t, "secret", "user", "add", "bob", "--email=bob@example.com", "--full-name=Bob Builder",
		"--scopes=items:write", "--disabled")
	bob := s.account(t, "bob")
	if out != "Created bob.\n" || *bob.Email != "bob@example.com" || *bob.FullName != "Bob Builder" || !bob.Disabled ||
		!slices.Equal(bob.Scopes, []string{"items:write"}) {
		t.Errorf("%q, %+v", out, bob)
	}
}

func TestUserAddScopes(t *testing.T) {
	s := newShell(t)
	tests := map[string][]string{
		"--scopes=items:read,items:write":  {"items:read", "items:write"},
		"--scopes=items:write, items:read": {"items:write", "items:read"},
		"--scopes=items:read items:read":   {"items:read"},
		"--scopes=":                        {},
	}
	for flag, want := range tests {
		s.must(t, "secret", "user", "add", "joe", flag)
		if got := s.account(t, "joe").Scopes; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", flag, got, want)
		}
		s.must(t, "", "user", "delete", "joe")
	}
}

func TestUserAddRefuses(t *testing.T) {
	s := newShell(t)
	s.must(t, "secret", "user", "add", "joe", "--email=joe@example.com")
	tests := []struct {
		stdin string
		args  []string
		code  int
		word  string
	}{
		{"hunter2", []string{"joe"}, 1, "The username is taken"},
		{"hunter2", []string{"JOE"}, 1, "The username is taken"},
		{"hunter2", []string{"bob", "--email=Joe@Example.com"}, 1, "The email is taken"},
		{"hunter2", []string{"bob", "--email=bob"}, 2, "not an email address"},
		{"hunter2", []string{"bob", "--scopes=admin"}, 2, `"admin" is not a scope`},
		{"hunter2", []string{"bob doe"}, 2, "only letters, digits"},
		{"hunter2", []string{""}, 2, "at least 1 character"},
		{"hunter2", []string{"bob\x1b[2J"}, 2, "only letters, digits"},
		{"hunter2", []string{"bob", "--argon2-memory=64"}, 2, "--argon2-memory"},
		{"", []string{"bob"}, 1, "nothing to read on standard input"},
		{"\n", []string{"bob"}, 2, "1 to 1024 bytes"},
		{"\r\n", []string{"bob"}, 2, "1 to 1024 bytes"},
		{strings.Repeat("x", 1025), []string{"bob"}, 2, "1 to 1024 bytes"},
		{strings.Repeat("x", 1<<20), []string{"bob"}, 2, "1 to 1024 bytes"},
	}
	for _, tt := range tests {
		args := append([]string{"user", "add"}, tt.args...)
		wantFailure(t, args, s.run(t, tt.stdin, args...), tt.code, tt.word)
	}
	args := []string{"user", "add", "b d", "--email=x", "--scopes=y"}
	wantFailure(t, args, s.run(t, "hunter2", args...), 2, "only letters, digits", "email", `"y"`) // all at once
	if out := s.must(t, "", "user", "list"); strings.Count(out, "\n") != 2 {
		t.Errorf("a user was made:\n%s", out)
	}
}

func TestPasswordFromStandardInput(t *testing.T) {
	s := newShell(t)
	tests := map[string]string{
		"secret":                         "secret",
		"secret\n":                       "secret",
		"secret\r\n":                     "secret",
		"secret\nand more\n":             "secret",
		" secret  with  \n":              " secret  with  ",
		"secret\r\r\n":                   "secret\r",
		"пароль\n":                       "пароль",
		strings.Repeat("x", 1024) + "\n": strings.Repeat("x", 1024),
	}
	s.must(t, "first", "user", "add", "joe")
	for stdin, want := range tests {
		s.must(t, stdin, "user", "password", "joe")
		s.wantPassword(t, "joe", want)
	}
}

func TestUserPassword(t *testing.T) {
	s := newShell(t)
	s.must(t, "first", "user", "add", "joe")
	if out := s.must(t, "second", "user", "password", "JOE"); out != "Changed the password of JOE.\n" {
		t.Errorf("%q", out)
	}
	after := s.account(t, "joe")
	if after.PasswordChangedAt == nil || !strings.Contains(after.HashedPassword, "m=19456,t=2,p=1") {
		t.Errorf("%+v", after)
	}
	s.must(t, "third", "user", "password", "joe", "--argon2-memory=7168", "--argon2-time=5")
	if hash := s.account(t, "joe").HashedPassword; !strings.Contains(hash, "m=7168,t=5,p=1") {
		t.Errorf("%s", hash)
	}
	for stdin, want := range map[string]string{"": "nothing to read", "\n": "1 to 1024 bytes"} {
		r := s.run(t, stdin, "user", "password", "joe")
		if r.code == 0 || !strings.Contains(r.err, want) {
			t.Errorf("%q: %+v", stdin, r)
		}
	}
	s.wantPassword(t, "joe", "third")
}

func TestUserCommands(t *testing.T) {
	s := newShell(t)
	s.must(t, "secret", "user", "add", "joe")
	s.must(t, "secret", "user", "add", "bob")
	if out := s.must(t, "", "user", "disable", "Joe"); out != "Disabled Joe.\n" || !s.account(t, "joe").Disabled {
		t.Errorf("%q, %+v", out, s.account(t, "joe"))
	}
	if out := s.must(t, "", "user", "enable", "joe"); out != "Enabled joe.\n" || s.account(t, "joe").Disabled {
		t.Errorf("%q, %+v", out, s.account(t, "joe"))
	}
	if out := s.must(t, "", "user", "delete", "joe"); out != "Deleted joe.\n" {
		t.Errorf("%q", out)
	}
	if out := s.must(t, "", "user", "list"); strings.Contains(out, "joe") || !strings.Contains(out, "bob") {
		t.Errorf("%s", out)
	}
}

func TestUserScopes(t *testing.T) {
	s := newShell(t)
	s.must(t, "secret", "user", "add", "joe")
	steps := []struct {
		args []string
		out  string
		want []string
	}{
		{nil, "items:read items:write\n", models.DefaultScopes()},
		{[]string{"items:write"}, "Changed the scopes of joe.\n", []string{"items:write"}},
		{[]string{"items:write", "items:read"}, "Changed the scopes of joe.\n", []string{"items:write", "items:read"}},
		{[]string{"--none"}, "Changed the scopes of joe.\n", []string{}},
		{nil, "\n", []string{}},
		{[]string{"items:read,items:write"}, "Changed the scopes of joe.\n", models.DefaultScopes()},
		{[]string{"items:read, items:read"}, "Changed the scopes of joe.\n", []string{"items:read"}},
	}
	for _, step := range steps {
		out := s.must(t, "", append([]string{"user", "scopes", "joe"}, step.args...)...)
		if got := s.account(t, "joe").Scopes; out != step.out || !slices.Equal(got, step.want) {
			t.Errorf("%q: it prints %q, joe has %q", step.args, out, got)
		}
	}
	for _, args := range [][]string{
		{"user", "scopes", "joe", "items:read", "admin"}, {"user", "scopes", "joe", "items:read", "--none"},
	} {
		wantFailure(t, args, s.run(t, "", args...), 2)
	}
	if got := s.account(t, "joe").Scopes; !slices.Equal(got, []string{"items:read"}) {
		t.Errorf("%q", got)
	}
}

func TestUnknownUser(t *testing.T) {
	s := newShell(t)
	s.must(t, "", "migrate")
	for _, command := range []string{"show", "disable", "enable", "delete", "password", "scopes"} {
		args := []string{"user", command, "no\x1bbody"}
		wantFailure(t, args, s.run(t, "", args...), 1, `there is no user "no\x1bbody"`, "latchkey user list")
	}
	args := []string{"user", "scopes", "nobody", "items:read"}
	wantFailure(t, args, s.run(t, "", args...), 1, `there is no user "nobody"`)
}

func TestUserList(t *testing.T) {
	s := newShell(t)
	if out := s.must(t, "", "user", "list", "--json"); out != "[]\n" {
		t.Errorf("%q", out)
	}
	s.must(t, "secret", "user", "add", "joe", "--email=joe@example.com", "--full-name=Joe Doe")
	s.must(t, "secret", "user", "add", "bob", "--disabled", "--scopes=")
	want := "USERNAME  EMAIL            FULL NAME  STATUS    SCOPES\n" +
		"bob       -                -          disabled  \n" +
		"joe       joe@example.com  Joe Doe    active    items:read items:write\n"
	if out := s.must(t, "", "user", "list"); out != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
	var listed []models.User
	if err := json.Unmarshal([]byte(s.must(t, "", "user", "list", "--json")), &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed) != 2 || listed[1].ID != s.account(t, "joe").ID || *listed[1].Email != "joe@example.com" || !listed[0].Disabled {
		t.Errorf("%+v", listed)
	}
}

func TestUserShow(t *testing.T) {
	s := newShell(t)
	s.must(t, "secret", "user", "add", "joe", "--full-name=Joe Doe")
	joe := s.account(t, "joe")
	want := "Username   joe\nID         " + joe.ID + "\nEmail      -\nFull name  Joe Doe\nStatus     active\n" +
		"Scopes     items:read items:write\nCreated    " + joe.CreatedAt.Format("2006-01-02 15:04:05") + " UTC\n"
	if out := s.must(t, "", "user", "show", "JOE"); out != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
	var shown models.User
	if err := json.Unmarshal([]byte(s.must(t, "", "user", "show", "joe", "--json")), &shown); err != nil || shown.ID != joe.ID {
		t.Errorf("%+v, %v", shown, err)
	}
}

// Values that came past our rules must not reach the terminal as they are.
func TestNothingUnprintableIsPrinted(t *testing.T) {
	s := newShell(t)
	nasty := "a\x1b]0;owned\x07\n\t\r\u009b31m\x7f\u202e\U000e0041é"
	broken := nasty + "\x9b31m" // not UTF-8: an escape sequence all the same
	s.withStore(t, func(ctx context.Context, db *store.Store) error {
		_, err := db.CreateUser(ctx, models.NewUser{
			Username: nasty, Email: &broken, FullName: &broken, HashedPassword: "x", Scopes: []string{broken},
		}, models.Trail{})
		return err
	})
	commands := [][]string{
		{"user", "list"},
		{"user", "list", "--json"},
		{"user", "show", nasty},
		{"user", "show", nasty, "--json"},
		{"user", "scopes", nasty},
		{"user", "disable", nasty},
		{"user", "scopes", nasty, "items:read"},
		{"user", "delete", nasty},
	}
	for _, args := range commands {
		out := s.must(t, "", args...)
		if bad := strings.Trim(printed.ReplaceAllString(out, ""), "\n"); bad != "" || !strings.Contains(out, "é") {
			t.Errorf("latchkey %q prints %q", args, out)
		}
		if slices.Contains(args, "--json") && !json.Valid([]byte(out)) {
			t.Errorf("latchkey %q prints no JSON: %s", args, out)
		}
	}
}
