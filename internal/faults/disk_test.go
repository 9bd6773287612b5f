//go:build linux

package faults_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"latchkey/internal/apitest"
)

// disk is a small one of the test's own.
type disk struct {
	t    *testing.T
	path string
}

// newDisk mounts a disk of so many KiB until the test ends, which only root may.
func newDisk(t *testing.T, kib int) disk {
	t.Helper()
	d := disk{t, filepath.Join(t.TempDir(), "disk")}
	if err := os.Mkdir(d.path, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, fmt.Sprintf("size=%dk,mode=700", kib))
	apitest.Need(t, "tmpfs", err == nil)
	t.Cleanup(func() {
		if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d disk) file(name string) string { return filepath.Join(d.path, name) }

// fill leaves no room but that of so many bytes. It may be called again.
func (d disk) fill(leaving int) {
	d.t.Helper()
	f, err := os.OpenFile(d.file("filler"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for some := make([]byte, 4096); err == nil; {
		_, err = f.Write(some)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatal(err)
	}
	info, err := f.Stat()
	if err == nil && leaving > 0 {
		err = f.Truncate(max(0, info.Size()-int64(leaving)))
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// free makes room again.
func (d disk) free() {
	d.t.Helper()
	if err := os.Remove(d.file("filler")); err != nil {
		d.t.Fatal(err)
	}
}

// TestDiskIsFull has what cannot be written refused, whole, and all else go on.
// The log is on that disk, too.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 8<<10)
	database := "sqlite:" + d.file("latchkey.db")
	i := launchWithLog(t, d.file("log"), "--database-url="+database, "--rate-limit=off", "--log-level=debug")
	session := i.logIn("johndoe", "secret")
	unknown := i.logIn("johndoe", "secret")
	people, things := ledger{"johndoe": true, "alice": true, "somebody": false}, ledger{}
	for round := range 2 {
		i.remembered(session.AccessToken)
		i.fillUp(d, session.AccessToken, fmt.Sprint("round ", round), things)
		for n := range 5 {
			name := fmt.Sprintf("user%d-%d", round, n)
			a := i.post("/users/", "", fmt.Sprintf(`{"username": %q, "email": "%s@example.com", "password": "a long password"}`, name, name))
			if people[name] = a.status == http.StatusCreated; !people[name] {
				wantUnavailable(t, "sign up", a)
			}
		}
		for what, ask := range everything(session.AccessToken, session.RefreshToken) {
			switch a := ask(i); {
			case what == "GET /users/me", what == "GET /items/":
				wantStatus(t, what, a, http.StatusOK)
			case what == "sign up", what == "POST /items/", a.status/100 != 2: // or there was a little room left
				wantUnavailable(t, what, a)
			}
		}
		wantStatus(t, "a token that it meets for the first time", i.get("/users/me", unknown.AccessToken), http.StatusOK)
		wantStatus(t, "it is alive", i.get("/healthz", ""), http.StatusOK)
		d.free()
		i.wantServed(session.AccessToken)
		session, unknown = i.logIn("johndoe", "secret"), i.logIn("johndoe", "secret")
	}
	db := connect(t, database)
	things.check(t, "items", db.texts(`SELECT title FROM items WHERE title LIKE 'round%'`))
	people.check(t, "users", db.texts(`SELECT username FROM users WHERE username NOT LIKE 'later%'`))
	if n := db.number(`SELECT COUNT(*) FROM mails WHERE user_id IS NOT NULL AND user_id NOT IN (SELECT id FROM users)`); n > 0 {
		t.Errorf("%d mails to nobody", n)
	}
	db.checkWhole()
	i.kill()
	i.start()
	i.wantServed(session.AccessToken)
}

// fillUp creates items until none can be created any more.
func (i *instance) fillUp(d disk, token, prefix string, things ledger) {
	i.t.Helper()
	for n, refused := 0, 0; refused < 5; n++ {
		d.fill(0)
		title := fmt.Sprintf("%s, item %d", prefix, n)
		a := i.post("/items/", token, fmt.Sprintf(`{"title": %q, "description": %q}`, title, strings.Repeat("x", 2000)))
		if things[title] = a.status == http.StatusCreated; things[title] {
			refused = 0
			continue
		}
		wantUnavailable(i.t, "POST /items/", a)
		refused++
	}
	eventually(i.t, "it says that it is not ready", func() bool { return i.get("/readyz", "").status != http.StatusOK })
	wantUnavailable(i.t, "GET /readyz", i.get("/readyz", ""))
}

// TestDiskIsFullAtTheFirstStart leaves nothing behind that is in the way of the next.
func TestDiskIsFullAtTheFirstStart(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 4<<10)
	database, keys := filepath.Join(t.TempDir(), "latchkey.db"), d.file("latchkey.key.pem")
	for what, flags := range map[string][]string{
		keys:                  {"--database-url=sqlite:" + database, "--key-file=" + keys},
		d.file("latchkey.db"): {"--database-url=sqlite:" + d.file("latchkey.db"), "--key-file=" + filepath.Join(t.TempDir(), "key.pem")},
	} {
		for _, room := range []int{0, 16 << 10} {
			if what == keys && room > 0 {
				continue // a key is small
			}
			d.fill(room)
			out, code := (&instance{t: t, flags: flags}).fail()
			if code != 1 || !strings.Contains(out, what) || !strings.Contains(out, "no space left") && !strings.Contains(out, "disk full") {
				t.Errorf("with %d bytes left: exit code %d\n%s", room, code, out)
			}
			if left, _ := filepath.Glob(keys + "*"); what == keys && len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			d.free()
		}
		i := launch(t, flags...)
		i.logIn("johndoe", "secret")
		i.stop()
	}
}
