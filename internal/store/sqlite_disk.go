package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// probeEvery is how often the disk is written to, however often it is asked for.
	probeEvery = time.Second
	// probePatience is short: whoever is writing finds out about the disk as well.
	probePatience = 200 * time.Millisecond
)

// disk is what is known of the disk that an SQLite database is on.
type disk struct {
	mu       sync.Mutex
	probedAt time.Time
	fault    error
}

// writable writes to the disk: a full one, or one that was made read-only, goes
// on being read without fault.
func (e *sqliteFile) writable(ctx context.Context, s *Store) error {
	e.disk.mu.Lock()
	defer e.disk.mu.Unlock()
	now := s.now()
	if age := now.Sub(e.disk.probedAt); 0 <= age && age < probeEvery { // a clock may be set back
		return e.disk.fault
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probePatience)
	defer cancel()
	_, err := s.exec(ctx, `UPDATE installation SET id = id`)
	e.disk.probedAt, e.disk.fault = now, nil
	if diskFault(err) {
		e.disk.fault = err
	}
	return e.disk.fault
}

// changeLog is the file with the changes that are not in the database file yet.
// It is there for as long as this process has the database open.
type changeLog struct {
	mu    sync.Mutex
	file  os.FileInfo // what it was after the first change
	fault error
}

// kept fails once the log was removed, as by somebody who took it for rubbish:
// changes then go where nobody will find them, unless the program is stopped in
// good order, which brings them into the database file.
func (e *sqliteFile) kept() error {
	if err := e.present(); err != nil {
		return err
	}
	file, err := os.Stat(e.path + "-wal")
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	switch {
	case err == nil && e.log.file == nil:
		e.log.file = file
	case err != nil || !os.SameFile(file, e.log.file):
		e.log.fault = fmt.Errorf("the file %s-wal was removed under the running program: stop it with SIGTERM, which saves what was in there, and start it again", e.path)
	}
	return e.log.fault
}

// lost is what kept has found out.
func (l *changeLog) lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fault
}

// diskFault tells a disk that takes no changes from writers who are in the way.
func diskFault(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch e.Code() & 0xff { // the rest says more about it
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
