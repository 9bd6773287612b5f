package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/store"
)

// withStore opens the database for f. It says so if it had to make a file:
// then the command may have looked in another place than the service does.
func withStore(ctx context.Context, streams Streams, setting config.Database, f func(*store.Store) error) error {
	source, err := setting.Source()
	if err != nil {
		return settingsError{err}
	}
	path, isFile := setting.File()
	_, err = os.Stat(path)
	absent := isFile && errors.Is(err, fs.ErrNotExist)
	db, err := openStore(ctx, source)
	if err != nil {
		return err
	}
	if absent {
		fmt.Fprintf(streams.Err, "latchkey: created the database %s\n", printable(absolute(path)))
	}
	return errors.Join(f(db), db.Close())
}

// openStore opens the database and brings it to this version.
func openStore(ctx context.Context, source string) (*store.Store, error) {
	db, err := store.Open(source, time.Now)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// absolute is the path from the root, as far as that can be found out.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
