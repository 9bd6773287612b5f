package cli_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/apitest"
)

// crowd is a shell on a database with many users.
func crowd(t *testing.T) shell {
	t.Helper()
	s := newShell(t)
	s.must(t, "", "migrate")
	db := connect(t, "sqlite", s.database)
	_, err := db.ExecContext(t.Context(), `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		INSERT INTO users (id, username, hashed_password) SELECT printf('%05d', i), 'user' || i, 'x' FROM n;
		INSERT INTO items (id, created_at, owner_id, updated_at, title) SELECT id, created_at, id, created_at, 'x' FROM users`)
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	return s
}

func connect(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// number is what a query counts.
func number(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(context.WithoutCancel(t.Context()), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// stuck runs the binary's migrate until it waits in the middle of a batch of
// the table, for as long as the target has the trigger that it returns how to
// remove.
func stuck(t *testing.T, s shell, target, table string) (cmd *exec.Cmd, release func(statement string)) {
	t.Helper()
	shell{target}.must(t, "", "migrate")
	db := connect(t, "pgx", target)
	execute := func(statement string) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	execute(`CREATE FUNCTION wait_here() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$`)
	execute(`CREATE TRIGGER wait_here BEFORE INSERT ON ` + table + ` FOR EACH ROW WHEN (NEW.id = '05000') EXECUTE FUNCTION wait_here()`)
	cmd = exec.CommandContext(t.Context(), program(t), "migrate", "--database-url="+s.url())
	cmd.Env = append(os.Environ(), "LATCHKEY_MIGRATE_TO="+target)
	cmd.Stdout, cmd.Stderr = new(apitest.Buffer), new(apitest.Buffer)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(deadline); number(t, db, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`) == 0; {
		if time.Now().After(end) {
			t.Fatalf("it does not wait: %s", cmd.Stderr)
		}
	}
	return cmd, func(statement string) {
		execute(statement)
		for end := time.Now().Add(deadline); number(t, db, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`) > 0; {
			execute(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			if time.Now().After(end) {
				t.Fatal("it still waits")
			}
		}
		execute(`DROP FUNCTION wait_here CASCADE`)
	}
}

// TestProgramGoesOnCopying ends the binary in the middle of a batch, in each
// way that there is.
func TestProgramGoesOnCopying(t *testing.T) {
	for _, tt := range []struct {
		name, table string
		end         func(*exec.Cmd) error
		code        int
		want        string
	}{
		{"killed", "users", func(cmd *exec.Cmd) error { return cmd.Process.Kill() }, -1, ""},
		{"killed later", "items", func(cmd *exec.Cmd) error { return cmd.Process.Kill() }, -1, ""},
		{"interrupted", "items", func(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGINT) }, 1, "interrupted: run the same command again"},
		{"disconnected", "users", func(*exec.Cmd) error { return nil }, 1, "run the same command again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target, s := newTarget(t), crowd(t)
			cmd, release := stuck(t, s, target, tt.table)
			if err := tt.end(cmd); err != nil {
				t.Fatal(err)
			}
			if tt.name != "disconnected" {
				_ = cmd.Wait()
			}
			release(`SELECT 1`)
			_ = cmd.Wait()
			said := fmt.Sprint(cmd.Stdout, cmd.Stderr)
			if cmd.ProcessState.ExitCode() != tt.code || !strings.Contains(said, tt.want) || strings.Contains(said, "hunter2") {
				t.Errorf("exit code %d, %s", cmd.ProcessState.ExitCode(), said)
			}
			db := connect(t, "pgx", target)
			if n := number(t, db, `SELECT COUNT(*) FROM `+tt.table); n == 0 || n >= 5000 {
				t.Errorf("it has copied %d rows", n)
			}
			for _, args := range [][]string{{"migrate"}, {"user", "list"}, {"user", "delete", "user1"}, {"--addr=127.0.0.1:0"}} {
				wantFailure(t, args, shell{target}.run(t, "", args...), 1, "not finished", "latchkey migrate --to")
			}
			r := s.run(t, "", "migrate", "--to="+target)
			if r.code != 0 || !regexp.MustCompile(`(?m)^users +10000 .* yes$`).MatchString(r.out) {
				t.Errorf("%+v", r)
			}
			if n := number(t, db, `SELECT COUNT(DISTINCT username) FROM users`); n != 10000 {
				t.Errorf("%d users", n)
			}
			shell{target}.must(t, "", "user", "show", "user5000")
		})
	}
}

func TestMigrateShowsABar(t *testing.T) {
	target, s := newTarget(t), crowd(t)
	term := openTerminal(t)
	t.Setenv("LATCHKEY_DATABASE_URL", s.url())
	if code := runTo(t, term.tty, term.tty, "migrate", "--to="+target); code != 0 {
		t.Fatalf("exit code %d, %q", code, term.screen)
	}
	term.waitText(t, "Copied.")
	screen := term.screen.String()
	wantWords(t, screen, "Copying  users ", "100% |", "(10000/10000, ", "rows/s)", "TABLE ")
	if strings.Contains(screen, "hunter2") {
		t.Errorf("%q", screen)
	}
}

// A difference is shown in the table, and ends the command with 1.
func TestMigrateShowsADifference(t *testing.T) {
	target, s := newTarget(t), crowd(t)
	shell{target}.must(t, "", "migrate")
	db := connect(t, "pgx", target)
	for _, statement := range []string{
		`CREATE FUNCTION spoil() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN NEW.title = 'y'; RETURN NEW; END $$`,
		`CREATE TRIGGER spoil BEFORE INSERT ON items FOR EACH ROW WHEN (NEW.id = '05000') EXECUTE FUNCTION spoil()`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	r := s.run(t, "", "migrate", "--to="+target)
	if r.code != 1 || !regexp.MustCompile(`(?m)^items +10000 .* no: the copy has 10000 rows, [0-9a-f]{16}$`).MatchString(r.out) {
		t.Errorf("%+v", r)
	}
	wantWords(t, r.err, "the copy is not what the source is")
	wantFailure(t, nil, shell{target}.run(t, "", "user", "list"), 1, "not finished")
}
