package cli_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"latchkey/docs"
)

func TestMisuse(t *testing.T) {
	tests := []struct {
		args  []string
		words []string
	}{
		{[]string{"bogus"}, []string{"unexpected argument bogus", "Try: latchkey --help\n"}},
		{[]string{"--bogus"}, []string{"unknown flag --bogus", "Try: latchkey --help\n"}},
		{[]string{"serve", "--bogus"}, []string{"unknown flag --bogus", "Try: latchkey serve --help\n"}},
		{[]string{"--adr=:80"}, []string{`did you mean "--addr"?`}},
		{[]string{"user"}, []string{"expected one of", "Try: latchkey user --help\n"}},
		{[]string{"user", "bogus"}, []string{"unexpected argument bogus", "Try: latchkey user --help\n"}},
		{[]string{"user", "add"}, []string{"<username>", "Try: latchkey user add --help\n"}},
		{[]string{"user", "show", "joe", "extra"}, []string{"unexpected argument extra", "Try: latchkey user show --help\n"}},
		{[]string{"user", "list", "--addr=:80"}, []string{"unknown flag --addr", "Try: latchkey user list --help\n"}},
		{[]string{"--addr=:80", "user", "list"}, []string{"--addr applies to the default command"}},
		{[]string{"user", "add", "joe", "--hashed-password"}, []string{"--hashed-password", "expected"}},
		{[]string{"migrate", "extra"}, []string{"unexpected argument extra", "Try: latchkey migrate --help\n"}},
		{[]string{"version", "extra"}, []string{"unexpected argument extra"}},
		{[]string{"openapi", "--format=xml"}, []string{"--format", "json", "yaml", "Try: latchkey openapi --help\n"}},
		{[]string{"--addr=nowhere"}, []string{"--addr (LATCHKEY_ADDR)", "nowhere"}},
		{[]string{"serve", "--access-token-ttl=x"}, []string{"--access-token-ttl", "duration"}},
		{[]string{"--demo=on", "--addr=0.0.0.0:80"}, []string{"--demo (LATCHKEY_DEMO)", "loopback"}},
		{[]string{"--log-level=loud", "--addr=nowhere"}, []string{"--log-level", "--addr"}},
		{[]string{"user", "list", "--database-url=mysql://joe:hunter2@db"}, []string{"--database-url (LATCHKEY_DATABASE_URL)"}},
		{[]string{"migrate", "--database-url="}, []string{"--database-url (LATCHKEY_DATABASE_URL)"}},
		{[]string{"bog\x1b[31mus"}, []string{`bog\x1b[31mus`}},
		{[]string{"user", "add", "joe", "hunter2"}, []string{"a password is not an argument", "standard input"}},
		{[]string{"user", "password", "joe", "hunter2"}, []string{"a password is not an argument"}},
		{[]string{"user", "add", "joe", "--password=hunter2"}, []string{"unknown flag --password"}},
		{[]string{"user", "add", "joe", "-phunter2"}, []string{"unknown flag -p"}},
	}
	t.Chdir(t.TempDir())
	for _, tt := range tests {
		r := run(t, "", tt.args...)
		wantFailure(t, tt.args, r, 2, tt.words...)
		if strings.Contains(r.err, "hunter2") {
			t.Errorf("latchkey %q shows a secret: %s", tt.args, r.err)
		}
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("there are files now: %v, %v", files, err)
	}
}

func TestHelp(t *testing.T) {
	tests := []struct {
		command string
		words   []string
	}{
		{"", []string{"serve", "user add", "migrate", "openapi", "version"}},
		{"serve", []string{"--addr", "$LATCHKEY_ADDR", "127.0.0.1:8000", "--demo", "--key-file", "--[no-]strict-form", "--argon2-memory"}},
		{"user", []string{"user add", "user list", "user show", "user disable", "user enable", "user delete", "user password", "user scopes"}},
		{"user add", []string{"<username>", "--email", "--full-name", "--scopes", "--disabled", "--hashed-password", "standard input"}},
		{"user list", []string{"--json", "$LATCHKEY_DATABASE_URL"}},
		{"user show", []string{"<username>", "--json"}},
		{"user disable", []string{"<username>"}},
		{"user enable", []string{"<username>"}},
		{"user delete", []string{"<username>"}},
		{"user password", []string{"<username>", "--hashed-password", "standard input"}},
		{"user scopes", []string{"<username>", "--none"}},
		{"migrate", []string{"--database-url", "--to", "$LATCHKEY_MIGRATE_TO"}},
		{"openapi", []string{"--format"}},
		{"version", []string{"version"}},
	}
	t.Setenv("LATCHKEY_ADDR", "") // is left in the help
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			r := run(t, "", append(strings.Fields(tt.command), "--help")...)
			if r.code != 0 || r.err != "" || !strings.HasPrefix(r.out, strings.TrimSpace("Usage: latchkey "+tt.command)) {
				t.Errorf("exit code %d, %q\n%s", r.code, r.err, r.out)
			}
			for _, word := range tt.words {
				if !strings.Contains(r.out, word) {
					t.Errorf("it lacks %q:\n%s", word, r.out)
				}
			}
		})
	}
}

func TestVersion(t *testing.T) {
	r := run(t, "", "version")
	if r.code != 0 || r.err != "" || !strings.HasPrefix(r.out, "latchkey ") || strings.Count(r.out, "\n") != 1 {
		t.Errorf("%+v", r)
	}
}

func TestOpenAPI(t *testing.T) {
	for _, args := range [][]string{{"openapi"}, {"openapi", "--format=json"}} {
		r := run(t, "", args...)
		if r.code != 0 || r.out != string(docs.JSON) || !json.Valid([]byte(r.out)) {
			t.Errorf("latchkey %q: exit code %d, %d bytes", args, r.code, len(r.out))
		}
	}
	if r := run(t, "", "openapi", "--format=yaml"); r.code != 0 || r.out != string(docs.YAML) || !strings.Contains(r.out, "openapi: 3.1") {
		t.Errorf("exit code %d, %d bytes", r.code, len(r.out))
	}
}

func TestMigrate(t *testing.T) {
	s := newShell(t)
	first := s.run(t, "", "migrate")
	if first.code != 0 || first.out != "The database is up to date.\n" || first.err != "latchkey: created the database "+s.database+"\n" {
		t.Errorf("%+v", first)
	}
	if again := s.run(t, "", "migrate"); again.code != 0 || again.out != first.out || again.err != "" {
		t.Errorf("again: %+v", again)
	}
}

func TestUnusableDatabase(t *testing.T) {
	folder := t.TempDir()
	garbage := folder + "/gar\x1bbage"
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder:                  "is a directory",
		folder + "/absent/a.db": "no such file or directory",
		garbage:                 `gar\x1bbage: failed to initialize: file is not a database`,
	} {
		for _, args := range [][]string{{"migrate"}, {"user", "list"}, {"user", "delete", "joe"}, {"serve", "--addr=127.0.0.1:0"}} {
			wantFailure(t, args, shell{path}.run(t, "", args...), 1, want)
		}
	}
}

// A variable that is set but empty is not set; Compose files make such ones.
func TestEmptyVariables(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SOMEBODY_ELSES", "")
	for _, name := range []string{"DATABASE_URL", "ARGON2_MEMORY", "ARGON2_TIME", "ARGON2_PARALLELISM"} {
		t.Setenv("LATCHKEY_"+name, "")
	}
	if r := run(t, "secret", "user", "add", "joe"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat("latchkey.db"); err != nil {
		t.Error(err)
	}
	if _, ok := os.LookupEnv("SOMEBODY_ELSES"); !ok {
		t.Error("a variable of somebody else's was taken away")
	}
}

// What cannot be printed is not done in vain in silence.
func TestStandardOutputIsFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer func() { _ = full.Close() }()
	s := newShell(t)
	s.must(t, "secret", "user", "add", "joe")
	for _, args := range [][]string{
		{"version"},
		{"openapi"},
		{"migrate"},
		{"user", "list"},
		{"user", "list", "--json"},
		{"user", "show", "joe"},
		{"user", "scopes", "joe"},
		{"user", "disable", "joe"},
	} {
		var errs strings.Builder
		if code := runTo(t, full, &errs, args...); code != 1 || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("latchkey %q: exit code %d, %q", args, code, errs.String())
		}
	}
}
