package cli_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/internal/apitest"
)

// TestPostgres runs the commands on PostgreSQL, beside a service that has them
// felt. They make no file, and show no credentials.
func TestPostgres(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	database, err := url.Parse(apitest.NewPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	database.User = url.UserPassword(database.User.Username(), "hunter2")
	s := shell{database.String()}
	if out := s.must(t, "", "migrate"); !strings.Contains(out, "up to date") {
		t.Errorf("%q", out)
	}
	s.must(t, "correct horse battery", "user", "add", "ada")
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("the working folder has %v, %v", entries, err)
	}
	running := s.serve(t, "--demo=off")
	name := strings.TrimPrefix(database.Path, "/")
	wantWords(t, running.banner, "Data      PostgreSQL, database "+name+" on "+database.Host, "Keys      "+filepath.Join(folder, "latchkey.key.pem")+", which every instance")
	if status := logIn(t, running.url, "ada", "correct horse battery"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	s.must(t, "another good battery", "user", "password", "ada")
	if status := logIn(t, running.url, "ada", "correct horse battery"); status != http.StatusBadRequest {
		t.Errorf("with the old password: status %d", status)
	}
	s.must(t, "", "user", "delete", "ada")
	stopped := running.stop()
	if all := stopped.out + stopped.err; stopped.code != 0 || strings.Contains(all, "hunter2") {
		t.Errorf("%+v", stopped)
	}
}
