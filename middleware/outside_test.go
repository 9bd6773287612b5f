package middleware_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportFromAnotherModule runs the examples in a module of their own: so
// they, and what they use, need nothing that only this module can name.
func TestImportFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds another module")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	copyInto(t, folder, filepath.Join(root, "go.sum"), "example_test.go", "example_guards_test.go")
	module := "module example.com/elsewhere\n\ngo 1.26.0\n\nrequire latchkey v0.0.0\n\nreplace latchkey => " + root + "\n"
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
	// What another module needs of ours is what we need ourselves: nothing has to be downloaded.
	test := exec.CommandContext(t.Context(), "go", "test", "-v", "-run", "^Example", ".")
	test.Dir = folder
	test.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GIN_MODE=test")
	out, err := test.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: Example") != 6 {
		t.Fatalf("%v\n%s", err, out)
	}
}

func copyInto(t *testing.T, folder string, files ...string) {
	t.Helper()
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
