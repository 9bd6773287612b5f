package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
	"latchkey/models"
)

// with is a URL with one more option.
func with(url, option string) string {
	if strings.Contains(url, "?") {
		return url + "&" + option
	}
	return url + "?" + option
}

// TestRotateAtOnce has two instances exchange the same refresh token, many times over.
func TestRotateAtOnce(t *testing.T) {
	t.Run("sqlite", testRotateAtOnce)
	t.Run("postgres", testRotateAtOnce)
}

func testRotateAtOnce(t *testing.T) {
	s, source := newStore(t)
	stores := []*store.Store{s, open(t, source, time.Now)}
	joe := createUser(t, s, "joe")
	for round := range 5 {
		first := fmt.Sprint("first of ", round)
		createSession(t, s, joe, first)
		var winners atomic.Int32
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range 16 {
			all.Go(func() {
				<-start
				rotated, err := stores[i%2].Rotate(t.Context(), first, fmt.Sprint(round, " by ", i), 0, models.Trail{})
				if err != nil {
					t.Error(err)
				}
				if rotated {
					winners.Add(1)
				}
			})
		}
		close(start)
		all.Wait()
		if n := winners.Load(); n != 1 {
			t.Errorf("%d of 16 exchanged it", n)
		}
	}
}

// TestEndWhileRotating has sessions end while they are refreshed: neither
// keeps the other waiting, and nothing is left.
func TestEndWhileRotating(t *testing.T) {
	t.Run("sqlite", testEndWhileRotating)
	t.Run("postgres", testEndWhileRotating)
}

func testEndWhileRotating(t *testing.T) {
	s, _ := newStore(t)
	joe := createUser(t, s, "joe")
	for round := range 20 {
		token := fmt.Sprint("token of ", round)
		id := createSession(t, s, joe, token)
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := s.Rotate(t.Context(), token, "next of "+token, time.Minute, models.Trail{}); err != nil {
				t.Error("Rotate:", err)
			}
		})
		both.Go(func() {
			if err := s.EndSession(t.Context(), joe.ID, id, models.Trail{}); err != nil {
				t.Error("EndSession:", err)
			}
		})
		both.Wait()
		for _, hash := range []string{token, "next of " + token} {
			_, err := s.RefreshGrant(t.Context(), hash)
			wantKind(t, hash, err, models.KindNotFound)
		}
	}
}

// TestPostgresNoSessionOutlivesItsPassword has a login verify a password that is being
// changed: its session must not begin after the others have ended.
func TestPostgresNoSessionOutlivesItsPassword(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, url, time.Now)
	joe := createUser(t, s, "joe")
	conn := shell(t, url)
	execute(t, conn, `BEGIN`)
	execute(t, conn, `UPDATE users SET hashed_password = 'new'`)
	execute(t, conn, `DELETE FROM sessions`)
	begun := make(chan error, 1)
	go func() {
		_, err := s.CreateSession(t.Context(), models.NewSession{
			UserID: joe.ID, HashedPassword: "hash of joe", ClientID: "anonymous", ExpiresAt: time.Now().Add(time.Hour), RefreshHash: "x",
		})
		begun <- err
	}()
	waitForLock(t, url)
	execute(t, conn, `COMMIT`)
	wantKind(t, "CreateSession", <-begun, models.KindNotFound)
}

// waitForLock waits until somebody waits for a row that another one holds.
func waitForLock(t *testing.T, url string) {
	t.Helper()
	conn := shell(t, url)
	eventually(t, "somebody waits for a lock", func() bool {
		return len(column(t, conn, `SELECT 'waits' FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) > 0
	})
}

// eventually polls until it is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("never:", what)
		}
	}
}

// TestPostgresChangesAreToldWhenTheyAreCommitted has transactions end in another order
// than they began and wrote in.
func TestPostgresChangesAreToldWhenTheyAreCommitted(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, url, time.Now)
	early, late := createUser(t, s, "early"), createUser(t, s, "late")
	conn := shell(t, url)
	execute(t, conn, `BEGIN`)
	execute(t, conn, `UPDATE users SET disabled = TRUE WHERE username = 'early'`)
	start := changes(t, s, "").Position
	wantChanges(t, s, start)
	if err := apitest.SetDisabled(t.Context(), s, "late", true); err != nil {
		t.Fatal(err)
	}
	after := wantChanges(t, s, start, late.ID)
	execute(t, shell(t, url), `UPDATE users SET scopes = '' WHERE username = 'late'`)
	execute(t, conn, `COMMIT`)
	want := []string{early.ID, late.ID}
	slices.Sort(want)
	last := wantChanges(t, s, after, want...)
	wantChanges(t, s, last)
	wantChanges(t, open(t, url, time.Now), after, want...) // whoever asks
}

// wantChanges fails the test where the changes since then are others, and
// returns the position after them.
func wantChanges(t *testing.T, s *store.Store, since string, want ...string) (position string) {
	t.Helper()
	found := changes(t, s, since)
	slices.Sort(found.Subjects)
	if found.Gap || !slices.Equal(found.Subjects, want) {
		t.Errorf("%+v, want %q", found, want)
	}
	return found.Position
}

// TestGapsInTheChanges are when everything has to be forgotten.
func TestGapsInTheChanges(t *testing.T) {
	t.Run("sqlite", testGapsInTheChanges)
	t.Run("postgres", testGapsInTheChanges)
}

func testGapsInTheChanges(t *testing.T) {
	s, source := newStore(t)
	joe := createUser(t, s, "joe")
	first := changes(t, s, "")
	if !first.Gap || len(first.Subjects) > 0 {
		t.Errorf("%+v from the beginning", first)
	}
	conn := shell(t, source)
	manyChanges(t, conn, 4096)
	all := changes(t, s, first.Position)
	if all.Gap || len(all.Subjects) != 4096 {
		t.Errorf("gap %t, %d changes", all.Gap, len(all.Subjects))
	}
	manyChanges(t, conn, 4097)
	many := changes(t, s, all.Position)
	if !many.Gap {
		t.Error("more changes than are told at once leave no gap")
	}
	execute(t, conn, `UPDATE users SET disabled = TRUE`)
	position := wantChanges(t, s, many.Position, joe.ID)
	if !onPostgres(t) {
		return
	}
	execute(t, conn, `TRUNCATE users CASCADE`)
	if !changes(t, s, position).Gap {
		t.Error("a truncated table leaves no gap")
	}
	snapshot, _, _ := strings.Cut(position, "@")
	if !changes(t, s, snapshot+"@1.5").Gap {
		t.Error("another server's snapshot leaves no gap")
	}
}

// manyChanges writes that many at once.
func manyChanges(t *testing.T, conn *sql.Conn, n int) {
	t.Helper()
	execute(t, conn, fmt.Sprintf(`
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
		INSERT INTO changes (subject) SELECT 'subject ' || n FROM numbers`, n))
}

// TestPostgresListen hears of changes, also after the connection was cut.
func TestPostgresListen(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, url, time.Now)
	createUser(t, s, "joe")
	heard := make(chan struct{}, 100)
	ctx, stop := context.WithCancel(t.Context())
	var listening sync.WaitGroup
	listening.Go(func() { s.Listen(ctx, func() { heard <- struct{}{} }) })
	conn := shell(t, url)
	for range 2 {
		<-heard // it is connected
		execute(t, conn, `UPDATE users SET disabled = TRUE`)
		<-heard
		cutConnections(t, conn)
	}
	stop()
	listening.Wait()
}

// cutConnections ends all connections to the database but that one.
func cutConnections(t *testing.T, conn *sql.Conn) {
	t.Helper()
	execute(t, conn, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

func TestPostgresConnectionsAreCut(t *testing.T) {
	url := apitest.NewPostgres(t)
	s := open(t, url, time.Now)
	createUser(t, s, "joe")
	conn := shell(t, url)
	for range 3 {
		cutConnections(t, conn)
		for name, method := range methods(t.Context(), s) {
			if err := method(); err != nil && models.KindOf(err) == models.KindInternal {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := errors.Join(s.Ready(t.Context()), apitest.SetDisabled(t.Context(), s, "joe", true)); err != nil && models.KindOf(err) != models.KindNotFound {
			t.Error("afterwards:", err)
		}
	}
}
