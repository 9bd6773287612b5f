package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"latchkey/models"
)

const (
	// listenAgain is after how long a broken connection is made again, at first
	// and at most.
	listenAgain, listenAgainAtMost = time.Second, 30 * time.Second
	// listenCheck is how long nothing is heard before it is looked if the
	// connection still is one.
	listenCheck = 30 * time.Second
)

// changes are those of the transactions that the snapshot in since did not
// see: no transaction is missed, however long it took and whichever ones
// overtook it. A position is a snapshot and the time at which the server
// started: one that took another's place may count its transactions anew.
func (e *postgres) changes(ctx context.Context, s *Store, since string) (models.Changes, error) {
	snapshot, _, known := strings.Cut(since, "@")
	if !known {
		snapshot = "1:1:" // nothing was seen: there is a gap, so one row is as good as all
	}
	rows, err := queryAll(ctx, s, scanPostgresChange, `
		SELECT pg_current_snapshot()::text || '@' || EXTRACT(epoch FROM pg_postmaster_start_time())::text, c.subject
		FROM (SELECT 1) AS always LEFT JOIN (
			SELECT subject FROM changes
			WHERE xact >= pg_snapshot_xmin(CAST($1 AS pg_snapshot)) AND NOT pg_visible_in_snapshot(xact, CAST($1 AS pg_snapshot))
			LIMIT $2
		) AS c ON TRUE`, snapshot, changesAtOnce+1)
	if err != nil {
		return models.Changes{}, err
	}
	found := models.Changes{Position: rows[0].position}
	found.Gap = !known || len(rows) > changesAtOnce || !sameServer(since, found.Position)
	for _, row := range rows {
		switch {
		case !row.subject.Valid: // there is none
		case row.subject.String == "": // a table was truncated
			found.Gap = true
		default:
			found.Subjects = append(found.Subjects, row.subject.String)
		}
	}
	return found, nil
}

func sameServer(a, b string) bool {
	_, startA, _ := strings.Cut(a, "@")
	_, startB, _ := strings.Cut(b, "@")
	return startA == startB
}

type postgresChange struct {
	position string
	subject  sql.NullString
}

func scanPostgresChange(row scanner) (c postgresChange, err error) {
	err = row.Scan(&c.position, &c.subject)
	return c, check(err, "")
}

// horizon is a number of which all lower transactions had ended at some time.
type horizon struct {
	xmin string
	at   time.Time
}

// sweepChanges removes what was committed at least changesKept ago, which no
// column can say: a row is written before its transaction ends. So it takes
// two sweeps, of which the first notes what has ended by then. Numbers that
// have not been reached yet are another server's, whose rows were restored here.
func (e *postgres) sweepChanges(ctx context.Context, s *Store) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := s.now()
	below := "0"
	if e.horizon.xmin != "" {
		if age := now.Sub(e.horizon.at); age < 0 {
			e.horizon = horizon{}
		} else if age < changesKept {
			return nil
		} else {
			below = e.horizon.xmin
		}
	}
	err := s.deleteInBatches(ctx, "changes", "xact, subject", `xact < CAST($1 AS xid8) OR xact > pg_current_xact_id()`, below)
	if err != nil {
		return err
	}
	var xmin string
	err = s.queryRow(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`).Scan(&xmin)
	if err != nil {
		return check(err, "")
	}
	e.horizon = horizon{xmin, now}
	return nil
}

// listen follows the notifications that the triggers send with each change. It
// only makes things quicker: behind some poolers nothing is heard, and while
// there is no connection changes are found by looking for them.
func (e *postgres) listen(ctx context.Context, changed func()) {
	pause := listenAgain
	for ctx.Err() == nil {
		if e.hear(ctx, changed) {
			pause = listenAgain
		}
		rest, done := context.WithTimeout(ctx, pause)
		<-rest.Done()
		done()
		pause = min(2*pause, listenAgainAtMost)
	}
}

// hear listens for as long as the connection holds. heard says that there was one.
func (e *postgres) hear(ctx context.Context, changed func()) (heard bool) {
	conn, err := pgx.ConnectConfig(ctx, e.config.Copy())
	if err != nil {
		return false
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, `LISTEN latchkey_changes`); err != nil {
		return false
	}
	for {
		changed() // also for what was not heard before
		if err := waitForNotification(ctx, conn); err != nil {
			return true
		}
	}
}

func waitForNotification(ctx context.Context, conn *pgx.Conn) error {
	for {
		waiting, cancel := context.WithTimeout(ctx, listenCheck)
		_, err := conn.WaitForNotification(waiting)
		cancel()
		if err == nil || !pgconn.Timeout(err) || ctx.Err() != nil {
			return err
		}
		checking, cancel := context.WithTimeout(ctx, patience)
		err = conn.Ping(checking)
		cancel()
		if err != nil {
			return err
		}
	}
}
