package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/store"
	"latchkey/models"
)

func TestMigrateAgain(t *testing.T) {
	t.Run("sqlite", testMigrateAgain)
	t.Run("postgres", testMigrateAgain)
}

func testMigrateAgain(t *testing.T) {
	path := newDatabase(t)
	s := open(t, path, time.Now)
	createUser(t, s, "joe")
	if err := s.Migrate(t.Context()); err != nil {
		t.Error("again:", err)
	}
	again := open(t, path, time.Now)
	if err := again.Ready(t.Context()); err != nil {
		t.Error("not ready:", err)
	}
	account(t, again, "joe")
}

func TestMigrateAtOnce(t *testing.T) {
	t.Run("sqlite", testMigrateAtOnce)
	t.Run("postgres", testMigrateAtOnce)
}

func testMigrateAtOnce(t *testing.T) {
	path := newDatabase(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := store.Open(path, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
			if err := s.Ready(t.Context()); err != nil {
				t.Error("not ready:", err)
			}
		})
	}
	all.Wait()
}

func TestReadyWithoutTables(t *testing.T) {
	t.Run("sqlite", testReadyWithoutTables)
	t.Run("postgres", testReadyWithoutTables)
}

func testReadyWithoutTables(t *testing.T) {
	s, err := store.Open(newDatabase(t), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	wantKind(t, "Ready", s.Ready(t.Context()), models.KindUnavailable)
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	s, path := newStore(t)
	createUser(t, s, "joe") // so that there are the files beside it
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", info.Name(), info.Mode().Perm())
		}
	}
}

// SQLite itself would make it for all to read.
func TestOnlyOpenMakesTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps a file that is open")
	}
	path := filepath.Join(t.TempDir(), "latchkey.db")
	s, err := store.Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err == nil {
		t.Error("it was migrated")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file was made again:", err)
	}
}

func TestPaths(t *testing.T) {
	names := []string{
		"with space.db", "question?mode=ro.db", "hash#tag.db", "percent%20.db", "percent%.db", "ключ-鍵-ü.db",
		"file:colon.db", "plus+&=.db", "quote'\".db",
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, name)
			createUser(t, open(t, path, time.Now), "joe")
			account(t, open(t, path, time.Now), "joe")
			if entries := list(t, folder); len(entries) == 0 || entries[0] != name {
				t.Errorf("the folder has %q", entries)
			}
		})
	}
}

// list is what is in a folder, without the files that SQLite puts beside a database.
func list(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-wal") && !strings.HasSuffix(e.Name(), "-shm") {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestRelativePath(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	if err := os.Mkdir("data", 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, "./data/latchkey.db", time.Now)
	if _, err := os.Stat(filepath.Join(folder, "data", "latchkey.db")); err != nil {
		t.Error(err)
	}
}

func TestOpenNowhere(t *testing.T) {
	folder := t.TempDir()
	tests := map[string]string{
		filepath.Join(folder, "absent", "latchkey.db"): "no such file or directory",
		folder: "is a directory",
	}
	for path, want := range tests {
		_, err := store.Open(path, time.Now)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestGarbageIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	garbage := []byte(strings.Repeat("Dear John, this is not a database. ", 300))
	if err := os.WriteFile(path, garbage, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, time.Now)
	if err == nil {
		err = s.Migrate(t.Context())
		defer func() { _ = s.Close() }()
	}
	if err == nil || !strings.Contains(err.Error(), "not a database") || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(garbage) {
		t.Errorf("the file was changed: %d bytes, %v", len(after), err)
	}
}

func TestForeignTablesAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	conn := shell(t, path)
	execute(t, conn, `CREATE TABLE users (name TEXT)`)
	execute(t, conn, `INSERT INTO users VALUES ('theirs')`)
	s, err := store.Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "users already exists") {
		t.Errorf("%v", err)
	}
	var name string
	if err := conn.QueryRowContext(t.Context(), `SELECT name FROM users`).Scan(&name); err != nil || name != "theirs" {
		t.Errorf("%q, %v", name, err)
	}
}

func TestMigrateStops(t *testing.T) {
	t.Run("sqlite", testMigrateStops)
	t.Run("postgres", testMigrateStops)
}

func testMigrateStops(t *testing.T) {
	s, err := store.Open(newDatabase(t), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Migrate(ctx); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("%v", err)
	}
}
