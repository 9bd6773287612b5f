package tokens_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"latchkey/internal/tokens"
)

// keyID is the name of the key that signs.
func keyID(set *tokens.KeySet) string { return set.JWKS().Keys[0].KeyID }

// wantOnly checks that a folder holds one file, of mode 0600, and nothing else.
func wantOnly(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

func TestOpenKeyFileCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.key.pem")
	first, err := tokens.OpenKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantOnly(t, path)
	if alg := first.JWKS().Keys[0].Algorithm; alg != "ES256" || len(first.JWKS().Keys) != 1 {
		t.Errorf("made %d keys, the first for %s", len(first.JWKS().Keys), alg)
	}
	if first.Exposed() {
		t.Error("a new file is exposed")
	}
	again, err := tokens.OpenKeyFile(path)
	if err != nil || keyID(again) != keyID(first) {
		t.Errorf("got another key the second time: %v", err)
	}
	elsewhere, err := tokens.OpenKeyFile(filepath.Join(t.TempDir(), "latchkey.key.pem"))
	if err != nil || keyID(elsewhere) == keyID(first) {
		t.Errorf("got the same key for another file: %v", err)
	}
}

func TestOpenKeyFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.key.pem")
	const openers = 16
	ids := make([]string, openers)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for n := range openers {
		wg.Go(func() {
			<-begin
			set, err := tokens.OpenKeyFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[n] = keyID(set)
		})
	}
	close(begin)
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("got different keys: %q", ids)
		}
	}
	wantOnly(t, path)
}

func TestExposed(t *testing.T) {
	for _, tc := range []struct {
		mode fs.FileMode
		want bool
	}{{0o600, false}, {0o400, false}, {0o640, true}, {0o604, true}, {0o620, true}, {0o644, true}} {
		t.Run(tc.mode.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key.pem")
			must(os.WriteFile(path, pkcs8(ecKey()), 0o600))
			must(os.Chmod(path, tc.mode))
			link := filepath.Join(t.TempDir(), "link.pem") // as in a Kubernetes secret
			must(os.Symlink(path, link))
			for _, name := range []string{path, link} {
				set, err := tokens.OpenKeyFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if set.Exposed() != tc.want {
					t.Errorf("%s: got %t", name, set.Exposed())
				}
			}
		})
	}
}

// TestOpenKeyFileRefuses: an unusable file is an error that names it, and it is
// left as it was.
func TestOpenKeyFileRefuses(t *testing.T) {
	for name, tc := range badKeys() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "latchkey.key.pem")
			must(os.WriteFile(path, tc.text, 0o600))
			_, err := tokens.OpenKeyFile(path)
			wantKeyError(t, err, tc.text, "key file "+path+": ")
			wantKeyError(t, err, tc.text, tc.want)
			if left := must1(os.ReadFile(path)); !bytes.Equal(left, tc.text) {
				t.Error("the file was changed")
			}
			wantOnly(t, path)
		})
	}
}

func TestOpenKeyFileFails(t *testing.T) {
	folder := t.TempDir()
	huge := filepath.Join(folder, "huge.pem")
	must(os.WriteFile(huge, bytes.Repeat([]byte(" "), 1<<20), 0o600))
	dangling := filepath.Join(folder, "dangling.pem")
	must(os.Symlink(filepath.Join(folder, "nowhere", "key.pem"), dangling))
	before := must1(os.ReadDir(folder))
	for _, tc := range []struct {
		name, path, want string
	}{
		{"missing folder", filepath.Join(folder, "missing", "key.pem"), "no such file or directory"},
		{"a folder", folder, "is a directory"},
		{"huge", huge, "larger than"},
		{"dangling link", dangling, "no such file or directory"},
		{"a file for a folder", filepath.Join(huge, "key.pem"), "not a directory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tokens.OpenKeyFile(tc.path)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), tc.path) {
				t.Errorf("got %v, want %q and %q in it", err, tc.path, tc.want)
			}
		})
	}
	if _, err := tokens.OpenKeyFile(filepath.Join(folder, "missing", "key.pem")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v does not wrap fs.ErrNotExist", err)
	}
	if after := must1(os.ReadDir(folder)); len(after) != len(before) {
		t.Errorf("left behind: %v", after)
	}
}
