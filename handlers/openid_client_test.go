package handlers_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

// openIDClient is what is installed from npm: the client and all it depends on.
var openIDClient = []string{"openid-client@6.8.9", "oauth4webapi@3.8.8", "jose@6.2.17"}

// TestNodeClient lets openid-client discover the service from its metadata,
// and use all of it. LATCHKEY_TEST_REQUIRE knows what it needs as node.
func TestNodeClient(t *testing.T) {
	script := installOpenIDClient(t)
	s := apitest.Start(t)
	runNode(t, script, s.URL, "front-end")
	runNode(t, script, s.URL, "web", s.RegisterClient("web", "items:read"))
}

// installOpenIDClient puts the client into a folder of its own, with the
// script that uses it. Without Node, npm or its registry there is no test.
func installOpenIDClient(t *testing.T) (script string) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		_, err := exec.LookPath(tool)
		apitest.Need(t, "node", err == nil)
	}
	folder := t.TempDir()
	arguments := append([]string{
		"install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline",
		"--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000", "--fetch-timeout=20000",
	}, openIDClient...)
	if out, err := command(t, folder, "npm", arguments...); err != nil {
		t.Logf("npm cannot install the client: %v\n%s", err, out)
		apitest.Need(t, "node", false)
	}
	source, err := os.ReadFile("testdata/openid-client.mjs")
	if err != nil {
		t.Fatal(err)
	}
	script = filepath.Join(folder, "script.mjs")
	if err := os.WriteFile(script, source, 0o600); err != nil {
		t.Fatal(err)
	}
	return script
}

func runNode(t *testing.T, script string, arguments ...string) {
	t.Helper()
	if out, err := command(t, filepath.Dir(script), "node", append([]string{script}, arguments...)...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// command runs a program that may not take more than two minutes.
func command(t *testing.T, folder, name string, arguments ...string) (output []byte, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir, cmd.WaitDelay = folder, time.Second
	return cmd.CombinedOutput()
}
