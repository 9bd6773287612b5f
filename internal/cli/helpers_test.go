package cli_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/internal/cli"
	"latchkey/internal/store"
	"latchkey/models"
)

// TestMain keeps the settings of whoever runs the tests out of them.
func TestMain(m *testing.M) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "LATCHKEY_") && !strings.HasPrefix(name, "LATCHKEY_TEST_") {
			_ = os.Unsetenv(name)
		}
	}
	m.Run()
	for _, path := range removeAtEnd {
		_ = os.RemoveAll(path)
	}
}

// removeAtEnd is what the tests share.
var removeAtEnd []string

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// shell runs commands on one database: an SQLite file, or the URL of one on PostgreSQL.
type shell struct{ database string }

func (s shell) url() string {
	if strings.HasPrefix(s.database, "postgres://") {
		return s.database
	}
	return "sqlite:" + s.database
}

func newShell(t *testing.T) shell {
	t.Helper()
	return shell{filepath.Join(t.TempDir(), "latchkey.db")}
}

// run carries out a command line on the shell's database.
func (s shell) run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	t.Setenv("LATCHKEY_DATABASE_URL", s.url())
	return run(t, stdin, args...)
}

// must is run of a command that has to succeed, and what it printed.
func (s shell) must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	r := s.run(t, stdin, args...)
	if r.code != 0 {
		t.Fatalf("latchkey %q: exit code %d\n%s", args, r.code, r.err)
	}
	return r.out
}

// run carries out a command line. Whatever it is, nothing that is read on
// standard input and no hash is ever shown.
func run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := cli.Run(t.Context(), args, cli.Streams{In: file(t, stdin), Out: &out, Err: &errs})
	r := result{code, out.String(), errs.String()}
	wantNoSecret(t, args, r, stdin)
	return r
}

// runTo carries out a command line that prints to out.
func runTo(t *testing.T, out, errs io.Writer, args ...string) int {
	t.Helper()
	return cli.Run(t.Context(), args, cli.Streams{In: file(t, ""), Out: out, Err: errs})
}

var hashes = regexp.MustCompile(`\$argon2id\$v=19\$m=[0-9]|\$2[aby]\$[0-9]`)

func wantNoSecret(t *testing.T, args []string, r result, stdin string) {
	t.Helper()
	secret, _, _ := strings.Cut(strings.TrimSpace(stdin), "\n")
	all := r.out + r.err
	if len(secret) > 3 && strings.Contains(all, secret) || hashes.MatchString(all) {
		t.Errorf("latchkey %q shows a secret:\n%s", args, all)
	}
}

// file is a file to read that from.
func file(t *testing.T, content string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// wantFailure fails the test where the command did not end with that code,
// printed anything, or its message lacks one of the words.
func wantFailure(t *testing.T, args []string, r result, code int, words ...string) {
	t.Helper()
	if r.code != code || r.out != "" {
		t.Errorf("latchkey %q: exit code %d, want %d; it printed %q", args, r.code, code, r.out)
	}
	for _, word := range words {
		if !strings.Contains(r.err, word) {
			t.Errorf("latchkey %q: %q lacks %q", args, r.err, word)
		}
	}
	for line := range strings.Lines(r.err) {
		if !strings.HasPrefix(line, "latchkey: ") && !strings.HasPrefix(line, "Try: latchkey ") {
			t.Errorf("latchkey %q: a line says %q", args, line)
		}
	}
}

// account is a user as the database has it.
func (s shell) account(t *testing.T, name string) models.Account {
	t.Helper()
	var account models.Account
	s.withStore(t, func(ctx context.Context, db *store.Store) error {
		var err error
		account, err = db.AccountByUsername(ctx, name)
		return err
	})
	return account
}

func (s shell) withStore(t *testing.T, f func(context.Context, *store.Store) error) {
	t.Helper()
	db, err := store.Open(s.database, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f(t.Context(), db); err != nil {
		t.Fatal(err)
	}
}
