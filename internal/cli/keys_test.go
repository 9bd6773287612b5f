package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/internal/tokens"
)

// runIn carries out a command line, its words separated by spaces, in that folder.
func runIn(t *testing.T, folder, line string) (code int, out, complaint string) {
	t.Helper()
	t.Chdir(folder)
	r := run(t, "", strings.Fields(line)...)
	return r.code, r.out, r.err
}

// newKeys makes a key file at its default place.
func newKeys(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if _, err := tokens.OpenKeyFile(filepath.Join(folder, "latchkey.key.pem")); err != nil {
		t.Fatal(err)
	}
	return folder
}

func wantOutput(t *testing.T, got, want string) {
	t.Helper()
	if !regexp.MustCompile(`^(?:` + want + `)$`).MatchString(got) {
		t.Errorf("prints\n%s\nwant\n%s", got, want)
	}
}

const (
	kid  = `[A-Za-z0-9_-]{43}`
	when = `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`
)

func TestKeys(t *testing.T) {
	folder := newKeys(t)
	_, out, _ := runIn(t, folder, "keys list")
	wantOutput(t, out, `KID +ALGORITHM  STATE    VERIFIES UNTIL\n`+kid+`  ES256      signing  -\n`)
	first := strings.Fields(out)[5]

	code, out, complaint := runIn(t, folder, "keys rotate --algorithm=EdDSA")
	if code != 0 || complaint != "" {
		t.Fatalf("exit code %d, %s", code, complaint)
	}
	wantOutput(t, out, `Signing with `+kid+` \(EdDSA\) from now on\.\n`)
	second := strings.Fields(out)[2]

	_, out, _ = runIn(t, folder, "keys list")
	wantOutput(t, out, `KID .*\n`+second+`  EdDSA      signing    -\n`+first+`  ES256      verifying  `+when+`\n`)
}

func TestKeysListJSON(t *testing.T) {
	folder := newKeys(t)
	begin := time.Now().Truncate(time.Second)
	runIn(t, folder, "keys rotate")
	code, out, complaint := runIn(t, folder, "keys list --json --access-token-ttl=1h")
	if code != 0 || complaint != "" {
		t.Fatalf("exit code %d, %s", code, complaint)
	}
	var keys []map[string]any
	if err := json.Unmarshal([]byte(out), &keys); err != nil || len(keys) != 2 {
		t.Fatalf("%v in %s", err, out)
	}
	for n, state := range []string{"signing", "verifying"} {
		if keys[n]["state"] != state || keys[n]["algorithm"] != "ES256" || len(keys[n]) != 5 {
			t.Errorf("key %d: %v", n, keys[n])
		}
	}
	if keys[0]["retired"] != nil || keys[0]["verifies_until"] != nil {
		t.Errorf("the signing key ends: %v", keys[0])
	}
	retired := timeOf(t, keys[1]["retired"])
	if retired.Before(begin) || retired.After(time.Now()) {
		t.Errorf("retired at %s", retired)
	}
	if until := timeOf(t, keys[1]["verifies_until"]); !until.Equal(retired.Add(time.Hour + tokens.RetirementMargin)) {
		t.Errorf("retired at %s, verifies until %s", retired, until)
	}
}

func timeOf(t *testing.T, v any) time.Time {
	t.Helper()
	text, _ := v.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestKeysThatEnded: a key that no token needs is shown until a rotation
// drops it; one by hand, without a time, stays.
func TestKeysThatEnded(t *testing.T) {
	folder := newKeys(t)
	path := filepath.Join(folder, "latchkey.key.pem")
	byHand, err := os.ReadFile(filepath.Join(newKeys(t), "latchkey.key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	longAgo := func() time.Time { return time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC) }
	if _, _, err := tokens.RotateKeyFile(path, tokens.Rotation{TTL: time.Minute, Now: longAgo}); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(byHand); err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	_, out, _ := runIn(t, folder, "keys list --access-token-ttl=1m")
	wantOutput(t, out, `KID .*\n`+kid+`  ES256      signing    -\n`+
		kid+`  ES256      ended      2020-01-02 03:15:05 UTC\n`+kid+`  ES256      verifying  for ever\n`)
	ended := strings.Fields(out)[9]
	_, out, _ = runIn(t, folder, "keys rotate")
	wantOutput(t, out, `Signing with `+kid+` \(ES256\) from now on\.\nDropped `+ended+` \(ES256\), which no token needs any more\.\n`)
}

// TestKeysPlace: the file is found as the service finds it.
func TestKeysPlace(t *testing.T) {
	folder := newKeys(t)
	_, want, _ := runIn(t, folder, "keys list")
	elsewhere := t.TempDir()
	for _, line := range []string{
		"keys list --key-file=" + filepath.Join(folder, "latchkey.key.pem"),
		"keys list --database-url=sqlite:" + filepath.Join(folder, "any.db"),
	} {
		if _, out, complaint := runIn(t, elsewhere, line); out != want {
			t.Errorf("%s: %s%s", line, out, complaint)
		}
	}
	t.Setenv("LATCHKEY_KEY_FILE", filepath.Join(folder, "latchkey.key.pem"))
	t.Setenv("LATCHKEY_ACCESS_TOKEN_TTL", "5m")
	if _, out, complaint := runIn(t, elsewhere, "keys list"); out != want {
		t.Errorf("with variables: %s%s", out, complaint)
	}
}

func TestKeysFaults(t *testing.T) {
	folder := newKeys(t)
	for _, tc := range []struct {
		line, complaint string
		code            int
	}{
		{"keys list --key-file=missing.pem", "key file missing.pem: ", 1},
		{"keys rotate --key-file=missing.pem", "key file missing.pem: ", 1},
		{"keys rotate --key-file=.", "key file .: ", 1},
		{"keys rotate --algorithm=HS256", "--algorithm", 2},
		{"keys rotate --access-token-ttl=1ms", "--access-token-ttl (LATCHKEY_ACCESS_TOKEN_TTL): ", 2},
		{"keys list --access-token-ttl=soon", "--access-token-ttl", 2},
		{"keys list --database-url=sqlite:", "--database-url (LATCHKEY_DATABASE_URL): ", 2},
		{"keys rotate now", "unexpected argument now", 2},
		{"keys", "expected one of", 2},
	} {
		code, out, complaint := runIn(t, folder, tc.line)
		if code != tc.code || out != "" || !strings.HasPrefix(complaint, "latchkey: ") || !strings.Contains(complaint, tc.complaint) {
			t.Errorf("%s: exit code %d, %q, %q", tc.line, code, out, complaint)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
