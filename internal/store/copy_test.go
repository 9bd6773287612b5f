package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"latchkey/internal/store"
)

func TestCopy(t *testing.T) {
	target := newTarget(t)
	path := lively(t)
	copied(t, store.Copy{Source: path, Target: target})
	wantSame(t, path, target)
	s := open(t, target, time.Now)
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	shell := onServer(t, target)
	if left := column(t, shell, `SELECT subject FROM changes UNION ALL SELECT tablename FROM pg_tables WHERE tablename = 'copy_progress'`); left != nil {
		t.Errorf("it left %q", left)
	}
	_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
	wantError(t, err, "not empty")
}

// A table that a migration adds has to be copied, or not for a reason.
func TestCopyKnowsAllTables(t *testing.T) {
	path := lively(t)
	tables := column(t, shell(t, path), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	want := append(store.CopiedTables(), "goose_db_version", "changes")
	slices.Sort(tables)
	slices.Sort(want)
	if !slices.Equal(tables, want) {
		t.Errorf("%q, want %q", tables, want)
	}
}

// Each run gets as far as one batch, until the copy is complete.
func TestCopyGoesOnAfterEachBatch(t *testing.T) {
	target, path := newTarget(t), lively(t)
	runs := 1
	for ; ; runs++ {
		ctx, cancel := context.WithCancel(t.Context())
		began := map[string]int64{}
		_, err := store.Copy{Source: path, Target: target, Batch: 3, Watch: func(step store.CopyStep) {
			if first, ok := began[step.Table]; step.Phase == store.CopyWrites && ok && step.Done > first {
				cancel()
			} else if step.Phase == store.CopyWrites && !ok {
				began[step.Table] = step.Done
			}
			if step.Phase == store.CopyChecks && runs%2 == 0 { // every other complete one is not checked
				cancel()
			}
		}}.Run(ctx)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if runs == 1 {
			wantUnusable(t, target)
		}
	}
	if runs < 25 { // 8 users are 3 batches, and there are 10 tables
		t.Errorf("%d runs", runs)
	}
	wantSame(t, path, target)
}

// wantUnusable fails the test where something can be started on the database.
func wantUnusable(t *testing.T, target string) {
	t.Helper()
	s, err := store.Open(target, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	wantError(t, s.Migrate(t.Context()), "not finished", "latchkey migrate --to")
	if err := s.Ready(t.Context()); err == nil {
		t.Error("it is ready")
	}
	if _, _, err := s.SettleDemo(t.Context(), true, nil); err == nil {
		t.Error("it gets demo accounts")
	}
}

func TestCopyRefusesATargetInUse(t *testing.T) {
	path := lively(t)
	for name, statement := range map[string]string{
		"a user":    `INSERT INTO users (username, hashed_password) VALUES ('joe', 'x')`,
		"an event":  `INSERT INTO events (id, at, kind, address, user_agent) VALUES ('1', now(), 'login', '', '')`,
		"a service": `UPDATE installation SET demo = FALSE`,
		"no row":    `DELETE FROM installation`,
	} {
		t.Run(name, func(t *testing.T) {
			target := newTarget(t)
			open(t, target, time.Now)
			execute(t, onServer(t, target), statement)
			before := content(t, "pgx", target)
			_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
			wantError(t, err, "not empty")
			if after := content(t, "pgx", target); after != before {
				t.Errorf("%s\nbefore %s", after, before)
			}
		})
	}
	t.Run("new tables", func(t *testing.T) {
		target := newTarget(t)
		open(t, target, time.Now)
		copied(t, store.Copy{Source: path, Target: target})
	})
	t.Run("an old version's", func(t *testing.T) {
		target := newTarget(t)
		conn := onServer(t, target)
		execute(t, conn, `CREATE TABLE users (id TEXT)`)
		execute(t, conn, `INSERT INTO users VALUES ('x')`)
		_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
		wantError(t, err, "not empty")
		if tables := column(t, conn, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`); len(tables) != 1 {
			t.Errorf("there are tables now: %q", tables)
		}
	})
}

func TestCopyGoesOnWithItsOwnSourceOnly(t *testing.T) {
	target, path := newTarget(t), lively(t)
	interrupt(t, path, target)
	before := content(t, "pgx", target)
	_, err := store.Copy{Source: lively(t), Target: target}.Run(t.Context())
	wantError(t, err, "another database", "users")
	inFile(t, path, `UPDATE clients SET scopes = 'items:read'`)
	_, err = store.Copy{Source: path, Target: target}.Run(t.Context())
	wantError(t, err, "has changed", "(clients)")
	if after := content(t, "pgx", target); after != before {
		t.Errorf("%s\nbefore %s", after, before)
	}
	inFile(t, path, `UPDATE clients SET scopes = ''`)
	copied(t, store.Copy{Source: path, Target: target})
}

// interrupt leaves a copy unfinished after its first batch.
func interrupt(t *testing.T, path, target string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := store.Copy{Source: path, Target: target, Batch: 3, Watch: func(step store.CopyStep) {
		if step.Phase == store.CopyWrites && step.Done > 0 {
			cancel()
		}
	}}.Run(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestCopyKeepsOthersFromTheSource(t *testing.T) {
	target, path := newTarget(t), lively(t)
	running := open(t, path, time.Now)
	_, err := store.Copy{Source: path, Target: target}.Run(t.Context())
	wantError(t, err, "in use", "stop the service")
	if err := running.Close(); err != nil {
		t.Fatal(err)
	}
	tried := map[store.CopyPhase]error{}
	copied(t, store.Copy{Source: path, Target: target, Watch: func(step store.CopyStep) {
		if tried[step.Phase] == nil {
			tried[step.Phase] = tryInFile(t.Context(), path, `DELETE FROM users`)
		}
	}})
	for _, err := range tried {
		wantError(t, err, "locked")
	}
	if len(tried) != 3 {
		t.Errorf("%v", tried)
	}
	wantSame(t, path, target)
	createUser(t, open(t, path, time.Now), "afterwards")
}
