package cli_test

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// printed are the characters that a terminal shows and does not obey.
var printed = regexp.MustCompile(`[\x20-\x7e\x{a1}-\x{ac}\x{ae}-\x{ff}\x{fffd}]`)

// fromFastAPI is the hash of "secret" in FastAPI's tutorial, as pwdlib writes it.
const fromFastAPI = "$argon2id$v=19$m=65536,t=3,p=4$wagCPXjifgvUFBzq4hqe3w$CYaIb8sB+wtD+Vu/P4uod1+Qof8h+1g7bbDlBID48Rc"

func bcryptOf(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

func TestHashedPassword(t *testing.T) {
	s := newShell(t)
	s.must(t, "first", "user", "add", "joe")
	for _, hash := range []string{bcryptOf(t, "secret"), fromFastAPI} {
		ways := []struct{ stdin, flag string }{
			{"", "--hashed-password=" + hash},
			{hash, "--hashed-password=-"},
			{hash + "\n", "--hashed-password=-"},
			{hash + "\r\n", "--hashed-password=-"},
		}
		for _, way := range ways {
			s.must(t, way.stdin, "user", "add", "bob", way.flag)
			s.must(t, way.stdin, "user", "password", "joe", way.flag)
			for _, name := range []string{"joe", "bob"} {
				if got := s.account(t, name).HashedPassword; got != hash {
					t.Errorf("%s: %s has %q", way.flag, name, got)
				}
			}
			s.must(t, "", "user", "delete", "bob")
		}
		s.wantPassword(t, "joe", "secret")
	}
}

func TestHashedPasswordThatIsNone(t *testing.T) {
	s := newShell(t)
	s.must(t, "first", "user", "add", "joe")
	before := s.account(t, "joe").HashedPassword
	hashes := []string{
		"hunter2-in-plain",
		bcryptOf(t, "secret")[:59],
		bcryptOf(t, "secret") + "x",
		strings.Replace(fromFastAPI, "argon2id", "argon2i", 1),
		strings.Replace(fromFastAPI, "m=65536", "m=65536000", 1),
		"$2b$31$" + strings.Repeat("A", 53),
		"$6$rounds=5000$usesomesillystri$D4IrlXatmP7rx3P3InaxBeoomnAihCKRVQAr/36eYqjRs",
		"5f4dcc3b5aa765d61d8327deb882cf99",
	}
	for _, hash := range hashes {
		for _, way := range []struct{ stdin, flag string }{{"", "--hashed-password=" + hash}, {hash + "\n", "--hashed-password=-"}} {
			for _, args := range [][]string{{"user", "add", "bob", way.flag}, {"user", "password", "joe", way.flag}} {
				r := s.run(t, way.stdin, args...)
				wantFailure(t, args, r, 2, "--hashed-password: unsupported password hash")
				if strings.Contains(r.err, hash[5:]) {
					t.Errorf("the error shows the hash: %s", r.err)
				}
			}
		}
	}
	args := []string{"user", "add", "bob", "--hashed-password=-"}
	wantFailure(t, args, s.run(t, "", args...), 1, "nothing to read on standard input")
	wantFailure(t, args, s.run(t, "\n", args...), 2, "--hashed-password")
	if s.account(t, "joe").HashedPassword != before {
		t.Error("joe's was changed")
	}
	if out := s.must(t, "", "user", "list"); strings.Contains(out, "bob") {
		t.Errorf("bob was made:\n%s", out)
	}
}
