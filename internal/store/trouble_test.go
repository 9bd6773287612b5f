package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
	"latchkey/models"
)

func TestCallerIsGone(t *testing.T) {
	t.Run("sqlite", testCallerIsGone)
	t.Run("postgres", testCallerIsGone)
}

func testCallerIsGone(t *testing.T) {
	s, _ := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, method := range methods(ctx, s) {
		if err := method(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// stopWriters begins a transaction that lets others read and not write.
func stopWriters(t *testing.T, conn *sql.Conn) {
	t.Helper()
	if !onPostgres(t) {
		execute(t, conn, `BEGIN EXCLUSIVE`)
		return
	}
	execute(t, conn, `BEGIN`)
	execute(t, conn, `LOCK TABLE users, installation IN SHARE ROW EXCLUSIVE MODE`)
}

// A caller who leaves while another process writes does not wait for it.
func TestCallerLeavesTheQueue(t *testing.T) {
	t.Run("sqlite", testCallerLeavesTheQueue)
	t.Run("postgres", testCallerLeavesTheQueue)
}

func testCallerLeavesTheQueue(t *testing.T) {
	s, path := newStore(t)
	createUser(t, s, "joe")
	conn := shell(t, path)
	stopWriters(t, conn)
	for _, name := range []string{"SetDisabled", "SetPassword", "CreateUser", "SettleDemo"} {
		ctx, cancel := context.WithCancel(t.Context())
		leaves := time.AfterFunc(20*time.Millisecond, cancel)
		if err := methods(ctx, s)[name](); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		leaves.Stop()
		cancel()
	}
	account(t, s, "joe") // readers wait for nobody
	execute(t, conn, `ROLLBACK`)
	if err := apitest.SetDisabled(t.Context(), s, "joe", true); err != nil {
		t.Error("afterwards:", err)
	}
}

func wantUnavailable(t *testing.T, what string, err error) {
	t.Helper()
	wantKind(t, what, err, models.KindUnavailable)
	if e, ok := errors.AsType[*models.Error](err); ok && (e.RetryAfter < time.Second || e.Cause == nil) {
		t.Errorf("%s: retry after %s, cause %v", what, e.RetryAfter, e.Cause)
	}
}

func TestDatabaseIsClosed(t *testing.T) {
	t.Run("sqlite", testDatabaseIsClosed)
	t.Run("postgres", testDatabaseIsClosed)
}

func testDatabaseIsClosed(t *testing.T) {
	s, err := store.Open(newDatabase(t), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, method := range methods(t.Context(), s) {
		wantUnavailable(t, name, method())
	}
}

func TestTablesAreGone(t *testing.T) {
	t.Run("sqlite", testTablesAreGone)
	t.Run("postgres", testTablesAreGone)
}

func testTablesAreGone(t *testing.T) {
	s, path := newStore(t)
	conn := shell(t, path)
	cascade := ""
	if onPostgres(t) {
		cascade = " CASCADE"
	}
	for _, table := range []string{"items", "users", "installation"} {
		execute(t, conn, `DROP TABLE `+table+cascade)
	}
	for name, method := range methods(t.Context(), s) {
		wantUnavailable(t, name, method())
	}
}

func TestDiskIsFull(t *testing.T) {
	s, _ := newStore(t)
	joe := createUser(t, s, "joe")
	if err := s.LimitPages(t.Context(), 1); err != nil { // no more than there are
		t.Fatal(err)
	}
	big := strings.Repeat("x", 100_000)
	_, err := s.CreateItem(t.Context(), joe.ID, models.NewItem{Title: big})
	wantUnavailable(t, "CreateItem", err)
	_, err = s.CreateUser(t.Context(), models.NewUser{Username: "bob", HashedPassword: big}, models.Trail{})
	wantUnavailable(t, "CreateUser", err)
	wantUnavailable(t, "SetPassword", apitest.SetPassword(t.Context(), s, "joe", big))
	if a := account(t, s, "joe"); a.HashedPassword != "hash of joe" || a.PasswordChangedAt != nil {
		t.Error("half of a change was kept")
	}
	if err := s.LimitPages(t.Context(), 1_000_000); err != nil {
		t.Fatal(err)
	}
	createItem(t, s, joe, big)
	if err := apitest.SetPassword(t.Context(), s, "joe", big); err != nil {
		t.Error("with room again:", err)
	}
}

// Two processes on one database, with several writers each.
func TestWritersAtOnce(t *testing.T) {
	t.Run("sqlite", testWritersAtOnce)
	t.Run("postgres", testWritersAtOnce)
}

func testWritersAtOnce(t *testing.T) {
	s, path := newStore(t)
	stores := []*store.Store{s, open(t, path, time.Now)}
	var owners []models.User
	for i := range 8 {
		owners = append(owners, createUser(t, s, fmt.Sprint("user", i)))
	}
	const each = 10
	var all sync.WaitGroup
	for i, owner := range owners {
		all.Go(func() {
			s := stores[i%len(stores)]
			for n := range each {
				_, err := s.CreateItem(t.Context(), owner.ID, models.NewItem{Title: fmt.Sprint(n)})
				if err == nil {
					err = apitest.SetPassword(t.Context(), s, owner.Username, fmt.Sprint(n))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, owner := range owners {
		if page := pageOf(t, s, owner, models.PageQuery{Limit: 100}); len(page.Data) != each {
			t.Errorf("%s has %d items", owner.Username, len(page.Data))
		}
		if a := account(t, s, owner.Username); a.HashedPassword != fmt.Sprint(each-1) {
			t.Errorf("%s has the hash %q", owner.Username, a.HashedPassword)
		}
	}
}

// crowd are writers who all wait when it returns, and what they will be told.
func crowd(t *testing.T, s *store.Store, size int) <-chan error {
	t.Helper()
	before := s.Waited()
	results := make(chan error, size)
	for range size {
		go func() { results <- apitest.SetDisabled(t.Context(), s, "joe", true) }()
	}
	for s.Waited() < before+int64(size-s.Writers()) { // the first have the connections
		runtime.Gosched()
	}
	return results
}

// Many writers at once, while another process keeps them all waiting.
func TestReadersDoNotWaitForWriters(t *testing.T) {
	t.Run("sqlite", testReadersDoNotWaitForWriters)
	t.Run("postgres", testReadersDoNotWaitForWriters)
}

func testReadersDoNotWaitForWriters(t *testing.T) {
	s, path := newStore(t)
	joe := createUser(t, s, "joe")
	const size = 50
	conn := shell(t, path)
	stopWriters(t, conn)
	results := crowd(t, s, size)
	for range 20 {
		_, errChanges := s.Changes(t.Context(), "")
		_, errAccount := s.Account(t.Context(), joe.ID)
		if err := errors.Join(s.Ready(t.Context()), errChanges, errAccount); err != nil {
			t.Error(err)
		}
	}
	if len(results) > 0 {
		t.Error("the readers waited until a writer was done")
	}
	execute(t, conn, `ROLLBACK`)
	for range size {
		if err := <-results; err != nil {
			t.Error("afterwards:", err)
		}
	}
}

func TestWritersDoNotWaitForEver(t *testing.T) {
	t.Run("sqlite", testWritersDoNotWaitForEver)
	t.Run("postgres", testWritersDoNotWaitForEver)
}

func testWritersDoNotWaitForEver(t *testing.T) {
	s, path := newStore(t)
	createUser(t, s, "joe")
	s.SetPatience(100 * time.Millisecond)
	const size = 50
	conn := shell(t, path)
	stopWriters(t, conn)
	began := time.Now()
	results := crowd(t, s, size)
	for range size {
		wantUnavailable(t, "SetDisabled", <-results)
	}
	_, err := s.CreateUser(t.Context(), models.NewUser{Username: "bob", HashedPassword: "x"}, models.Trail{})
	wantUnavailable(t, "CreateUser", err)
	if took := time.Since(began); took > 3*time.Second { // less than SQLite itself would wait, once
		t.Errorf("they waited for %s", took)
	}
	execute(t, conn, `ROLLBACK`)
	s.SetPatience(time.Minute)
	if err := apitest.SetDisabled(t.Context(), s, "joe", true); err != nil {
		t.Error("afterwards:", err)
	}
}
