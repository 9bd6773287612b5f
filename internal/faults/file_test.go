//go:build linux

package faults_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFolderIsMovedAway and back.
func TestFolderIsMovedAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	i := launch(t, "--database-url=sqlite:"+filepath.Join(folder, "latchkey.db"), "--rate-limit=off")
	session := i.logIn("johndoe", "secret")
	for range 2 {
		i.remembered(session.AccessToken)
		if err := os.Rename(folder, folder+".away"); err != nil {
			t.Fatal(err)
		}
		i.lost(session.AccessToken, time.Now())
		i.refuseEverything(session)
		if err := os.Rename(folder+".away", folder); err != nil {
			t.Fatal(err)
		}
		i.wantServed(session.AccessToken)
	}
}

// TestLogOfChangesIsRemoved by somebody who takes the -wal for rubbish: what is
// written from then on would be lost with the process.
func TestLogOfChangesIsRemoved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	i := launch(t, "--database-url=sqlite:"+path, "--rate-limit=off")
	session := i.logIn("johndoe", "secret")
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	acked := ledger{}
	for _, title := range []string{"one", "two", "three"} {
		a := i.post("/items/", session.AccessToken, `{"title": "`+title+`"}`)
		if acked[title] = a.status == http.StatusCreated; !acked[title] {
			wantUnavailable(t, title, a)
		}
	}
	wantUnavailable(t, "GET /readyz", i.get("/readyz", ""))
	i.stop()
	i.start()
	acked.check(t, "items", connect(t, "sqlite:"+path).texts(`SELECT title FROM items`))
	i.wantServed(session.AccessToken) // of what was written before nothing is lost
}

// TestFileIsLocked by another process, as by one that makes a copy of it:
// whoever reads does not notice.
func TestFileIsLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	i := launch(t, "--database-url=sqlite:"+path, "--rate-limit=off")
	session := i.logIn("johndoe", "secret")
	other := connect(t, "sqlite:"+path)
	other.db.SetMaxOpenConns(1)
	other.do(`BEGIN IMMEDIATE`)
	for what, ask := range everything(session.AccessToken, session.RefreshToken) {
		switch {
		case strings.HasPrefix(what, "GET"):
			wantStatus(t, what, ask(i), http.StatusOK)
		case what == "POST /items/" || what == "log in":
			wantUnavailable(t, what, ask(i))
		}
	}
	other.do(`ROLLBACK`)
	i.wantServed(session.AccessToken)
}

// TestDiskIsReadOnly at a start is said; the errors of a disk that becomes so
// while the program runs are those of TestDiskIsFull.
func TestDiskIsReadOnly(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4<<10)
	flags := []string{"--database-url=sqlite:" + d.file("latchkey.db")}
	i := launch(t, flags...)
	session := i.logIn("johndoe", "secret")
	i.kill()
	if err := d.remount(true); err != nil {
		t.Fatal(err)
	}
	if said, code := i.fail(); code != 1 || !strings.Contains(said, "read-only") || !strings.Contains(said, d.file("latchkey.db")) {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if err := d.remount(false); err != nil {
		t.Fatal(err)
	}
	i.start()
	i.remembered(session.AccessToken)
	if err := d.remount(true); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("a disk that is written to was made read-only: %v", err)
	}
}

// remount makes the disk read-only, or writable.
func (d disk) remount(readOnly bool) error {
	flags := uintptr(syscall.MS_REMOUNT)
	if readOnly {
		flags |= syscall.MS_RDONLY
	}
	return syscall.Mount("tmpfs", d.path, "tmpfs", flags, "")
}
