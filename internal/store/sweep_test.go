package store_test

import (
	"database/sql"
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
)

// TestPostgresChangesAreSwept goes by when transactions ended, not by when they wrote.
func TestPostgresChangesAreSwept(t *testing.T) {
	url := apitest.NewPostgres(t)
	now := newClock()
	s := open(t, url, now.now)
	conn, slow := shell(t, url), shell(t, url)
	execute(t, conn, `INSERT INTO changes (subject) VALUES ('old')`)
	execute(t, conn, `INSERT INTO changes (xact, subject) VALUES ('9000000000000', 'restored')`)
	execute(t, slow, `BEGIN`)
	execute(t, slow, `INSERT INTO changes (subject) VALUES ('slow')`)
	sweepAfter(t, s, now, 0)
	execute(t, slow, `COMMIT`)
	execute(t, conn, `INSERT INTO changes (subject) VALUES ('new')`)
	wantSubjects(t, conn, "new", "old", "slow")
	sweepAfter(t, s, now, 9*time.Minute)
	wantSubjects(t, conn, "new", "old", "slow")
	sweepAfter(t, s, now, time.Minute)
	wantSubjects(t, conn, "new", "slow")
	sweepAfter(t, s, now, 10*time.Minute)
	wantSubjects(t, conn)
}

func sweepAfter(t *testing.T, s *store.Store, now *clock, d time.Duration) {
	t.Helper()
	now.Time = now.Add(d)
	if err := s.Sweep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
}

func wantSubjects(t *testing.T, conn *sql.Conn, want ...string) {
	t.Helper()
	if got := column(t, conn, `SELECT subject FROM changes ORDER BY subject`); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSweepALot has two instances sweep more than one statement removes.
func TestSweepALot(t *testing.T) {
	t.Run("sqlite", testSweepALot)
	t.Run("postgres", testSweepALot)
}

func testSweepALot(t *testing.T) {
	s, source := newStore(t)
	other := open(t, source, time.Now)
	conn := shell(t, source)
	execute(t, conn, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1001)
		INSERT INTO revoked_tokens (id, expires_at) SELECT 'token ' || n, $1 FROM numbers`,
		time.Now().UTC().Add(-time.Hour).Format("2006-01-02 15:04:05-07:00"))
	var both sync.WaitGroup
	for _, s := range []*store.Store{s, other} {
		both.Go(func() {
			if err := s.Sweep(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if left := column(t, conn, `SELECT id FROM revoked_tokens`); len(left) > 0 {
		t.Errorf("%d are left", len(left))
	}
}
