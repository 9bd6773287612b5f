package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/internal/store"
)

func TestCopyFindsAReplacedSource(t *testing.T) {
	target, path := newTarget(t), lively(t)
	other := lively(t)
	_, err := store.Copy{Source: path, Target: target, Watch: func(step store.CopyStep) {
		if step.Phase == store.CopyWrites && step.Table == "users" && step.Done > 0 {
			_ = os.Rename(other, path)
		}
	}}.Run(t.Context())
	wantError(t, err, "was replaced")
	wantUnusable(t, target)
}

func TestCopyLosesItsConnection(t *testing.T) {
	target, path := newTarget(t), lively(t)
	conn := onServer(t, target)
	for _, phase := range []store.CopyPhase{store.CopyReads, store.CopyWrites, store.CopyChecks} {
		_, err := store.Copy{Source: path, Target: target, Batch: 3, Watch: func(step store.CopyStep) {
			if step.Phase == phase && step.Table == "items" && step.Done > 0 {
				execute(t, conn, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			}
		}}.Run(t.Context())
		wantError(t, err)
		if phase != store.CopyReads {
			wantError(t, err, "run the same command again")
		}
	}
	copied(t, store.Copy{Source: path, Target: target, Batch: 3})
	wantSame(t, path, target)
}

func TestCopyFindsADifference(t *testing.T) {
	path := lively(t)
	for _, tt := range []struct{ table, statement string }{
		{"users", `UPDATE users SET full_name = NULL WHERE full_name = ''`},
		{"users", `UPDATE users SET created_at = created_at + interval '1 microsecond' WHERE username = 'ada'`},
		{"items", `DELETE FROM items WHERE id = (SELECT MAX(id) FROM items)`},
		{"clients", `INSERT INTO clients (id, hashed_secret, scopes, created_at) VALUES ('a', 'x', '', now())`},
	} {
		target := newTarget(t)
		conn := onServer(t, target)
		done := false
		tables, err := store.Copy{Source: path, Target: target, Watch: func(step store.CopyStep) {
			if step.Phase == store.CopyWrites && step.Table == "events" && step.Done > 0 && !done {
				done = true
				execute(t, conn, tt.statement)
			}
		}}.Run(t.Context())
		if !errors.Is(err, store.ErrCopyDiffers) {
			t.Fatal(err)
		}
		for _, table := range tables {
			if table.OK() == (table.Name == tt.table) {
				t.Errorf("%s: %+v", tt.statement, table)
			}
		}
		wantUnusable(t, target)
		_, err = store.Copy{Source: path, Target: target}.Run(t.Context())
		if !errors.Is(err, store.ErrCopyDiffers) {
			t.Errorf("the second time: %v", err)
		}
	}
}

func TestCopyNamesWhatCannotBeCopied(t *testing.T) {
	long := strings.ToLower(rand.Text())
	for len(long) < 20_000 {
		long += strings.ToLower(rand.Text())
	}
	tests := []struct {
		statement string
		want      []string
	}{
		{`UPDATE users SET full_name = 'a' || char(0) WHERE rowid = 3`, []string{"users, rowid 3", "full_name", "NUL"}},
		{`UPDATE users SET full_name = CAST(x'61ff' AS TEXT) WHERE rowid = 3`, []string{"users, rowid 3", "full_name", "UTF-8"}},
		{`UPDATE users SET full_name = x'61' WHERE rowid = 3`, []string{"users, rowid 3", "full_name", "TEXT"}},
		{`UPDATE users SET created_at = 'yesterday' WHERE rowid = 3`, []string{"users, rowid 3", "created_at", "TIMESTAMP"}},
		{`UPDATE users SET created_at = 2026 WHERE rowid = 3`, []string{"users, rowid 3", "created_at", "TIMESTAMP"}},
		{`UPDATE installation SET demo = 2`, []string{"installation, rowid 1", "demo", "BOOLEAN"}},
		{`UPDATE mails SET attempts = 2147483648 WHERE rowid = 2`, []string{"mails, rowid 2", "attempts", "too large"}},
		{`UPDATE mails SET attempts = 1.5 WHERE rowid = 2`, []string{"mails, rowid 2", "attempts", "INTEGER"}},
		{`DELETE FROM users WHERE rowid = 3`, []string{"items, rowid 3", "sessions, rowid 3", "a row of users that is not there"}},
		{`UPDATE attempts SET key = x'00' || key`, []string{"attempts, rowid 1", "key"}},
		{`UPDATE users SET username = '` + long + `', folded_username = NULL WHERE rowid = 3`, []string{"table users", "rowid 3", "54000"}},
	}
	for _, tt := range tests {
		path, target := lively(t), newTarget(t)
		inFile(t, path, tt.statement)
		_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
		wantError(t, err, tt.want...)
		wantTables := 0
		if strings.Contains(err.Error(), "54000") { // only PostgreSQL knows that
			wantTables = 14
		}
		if tables := column(t, onServer(t, target), `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`); len(tables) != wantTables {
			t.Errorf("%s: the target has tables: %q", tt.want, tables)
		}
	}
}

func TestCopyNamesSomeOfManyFaults(t *testing.T) {
	target, path := newTarget(t), lively(t)
	inFile(t, path, `UPDATE users SET full_name = x'61'; UPDATE items SET title = x'61'; UPDATE events SET address = x'61'`)
	_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
	wantError(t, err, "and 9 more")
}

func TestCopyWithoutADatabase(t *testing.T) {
	target := newTarget(t)
	path := filepath.Join(t.TempDir(), "latchkey.db")
	_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
	wantError(t, err, "no database to copy")
	if _, err := os.Stat(path); err == nil {
		t.Error("it made one")
	}
	_, err = store.Copy{Source: lively(t), Target: "postgres://joe:hunter2@127.0.0.1:1/x"}.Run(t.Context())
	wantError(t, err, "database x on 127.0.0.1:1")
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("it shows the password: %v", err)
	}
}

// Two that copy the same at once do not both add a row.
func TestCopyTwiceAtOnce(t *testing.T) {
	target, path := newTarget(t), lively(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	twin := filepath.Join(t.TempDir(), "twin.db")
	if err := os.WriteFile(twin, text, 0o600); err != nil {
		t.Fatal(err)
	}
	other := false
	_, err = store.Copy{Source: path, Target: target, Batch: 3, Watch: func(step store.CopyStep) {
		if step.Phase == store.CopyWrites && step.Table == "items" && step.Done > 0 && !other {
			other = true
			interruptLater(t, twin, target)
		}
	}}.Run(t.Context())
	wantError(t, err, "another copy into this database is under way")
	copied(t, store.Copy{Source: path, Target: target})
	wantSame(t, path, target)
}

// interruptLater leaves a copy unfinished in its second table, after a batch more.
func interruptLater(t *testing.T, path, target string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, _ = store.Copy{Source: path, Target: target, Batch: 3, Watch: func(step store.CopyStep) {
		if step.Phase == store.CopyWrites && step.Table == "items" && step.Done > 3 {
			cancel()
		}
	}}.Run(ctx)
}
