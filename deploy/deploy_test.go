// Package deploy_test tries the examples of this folder, as far as a machine
// without Docker and without a running systemd can.
package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"latchkey/internal/apitest"
	"latchkey/internal/config"
)

// read is the text of an example.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// replace replaces one text after the other, each of which has to be there.
func replace(t *testing.T, text string, oldnew ...string) string {
	t.Helper()
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("there is no %q", oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return text
}

// TestSettings has the examples use settings that there are.
func TestSettings(t *testing.T) {
	parser, err := kong.New(&config.Serve{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, flag := range parser.Model.Flags {
		for _, name := range flag.Envs {
			known[name] = true
		}
	}
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Ext(file) == ".go" {
			continue
		}
		for _, name := range regexp.MustCompile(`LATCHKEY_[A-Z0-9_]+`).FindAllString(read(t, file), -1) {
			if !known[name] && !strings.HasPrefix(name, "LATCHKEY_TEST_") {
				t.Errorf("%s has %s, which is no setting", file, name)
			}
		}
	}
}

// TestUnit has systemd read the unit, with and without what is left to the reader.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	apitest.Need(t, "systemd", err == nil)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := replace(t, read(t, "latchkey.service"), "/usr/local/bin/latchkey", program)
	for name, text := range map[string]string{
		"as it is": unit,
		"with keys from elsewhere": replace(t, unit,
			"#LoadCredential=", "LoadCredential=", "#Environment=LATCHKEY_KEY_FILE", "Environment=LATCHKEY_KEY_FILE"),
	} {
		file := filepath.Join(t.TempDir(), "latchkey.service")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
