//go:build linux

package faults_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx

	"latchkey/internal/apitest"
)

// cluster is a PostgreSQL server that is the test's own: it may be stopped, and
// told things that hold for all of it.
type cluster struct {
	t      *testing.T
	bin    string
	data   string
	port   int
	who    *syscall.SysProcAttr // PostgreSQL refuses to run as root
	server *exec.Cmd
}

// newCluster is a server that runs until the test ends.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	apitest.Need(t, "postgres", len(found) > 0)
	c := &cluster{t: t, bin: filepath.Dir(found[len(found)-1]), port: freePort(t)}
	folder, err := os.MkdirTemp("", "latchkey-faults-*") //nolint:usetesting // t.TempDir is root's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	c.data = filepath.Join(folder, "data")
	if os.Geteuid() == 0 {
		c.become(folder, "postgres")
	}
	initdb := exec.Command(filepath.Join(c.bin, "initdb"), "-D", c.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = c.who, folder
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	t.Cleanup(func() { c.end(syscall.SIGQUIT) })
	c.start()
	return c
}

// become has the server run as another user, to whom it gives the folder.
func (c *cluster) become(folder, name string) {
	c.t.Helper()
	other, err := user.Lookup(name)
	apitest.Need(c.t, "postgres", err == nil)
	uid, errUID := strconv.Atoi(other.Uid)
	gid, errGID := strconv.Atoi(other.Gid)
	if err := errors.Join(errUID, errGID, os.Chown(folder, uid, gid)); err != nil {
		c.t.Fatal(err)
	}
	c.who = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port //nolint:errcheck // it is one
}

// start starts the server, and returns once it answers.
func (c *cluster) start() {
	c.t.Helper()
	log, err := os.OpenFile(c.data+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	c.server = exec.Command(filepath.Join(c.bin, "postgres"), "-D", c.data, "-p", strconv.Itoa(c.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
	c.server.SysProcAttr, c.server.Dir = c.who, filepath.Dir(c.data)
	c.server.Stdout, c.server.Stderr = log, log
	if err := c.server.Start(); err != nil {
		c.t.Fatal(err)
	}
	eventually(c.t, "PostgreSQL answers", func() bool { return c.ping() == nil })
}

func (c *cluster) ping() error {
	db, err := sql.Open("pgx", c.url())
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.PingContext(c.t.Context())
}

// end ends the server: SIGINT lets it disconnect everybody and tidy up, SIGQUIT
// has it drop everything.
func (c *cluster) end(how syscall.Signal) {
	if c.server != nil && c.server.ProcessState == nil {
		_ = c.server.Process.Signal(how)
		_ = c.server.Wait()
	}
}

// url is that of its one database.
func (c *cluster) url() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}

// tell changes a setting of the whole server.
func (c *cluster) tell(setting string) {
	c.t.Helper()
	db, err := sql.Open("pgx", c.url())
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{`ALTER SYSTEM ` + setting, `SELECT pg_reload_conf()`} {
		if _, err := db.ExecContext(c.t.Context(), statement); err != nil {
			c.t.Fatal(err)
		}
	}
}
