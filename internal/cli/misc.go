package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"latchkey/docs"
	"latchkey/internal/config"
	"latchkey/internal/store"
)

type migrateCommand struct{ config.Database }

// Run brings the database to this version.
func (cmd migrateCommand) Run(ctx context.Context, streams Streams) error {
	db, err := openStore(ctx, cmd.Database)
	if err != nil {
		return err
	}
	fmt.Fprintln(streams.Out, "The database is up to date.")
	return db.Close()
}

// openStore opens the database and brings it to this version.
func openStore(ctx context.Context, setting config.Database) (*store.Store, error) {
	path, err := setting.Path()
	if err != nil {
		return nil, settingsError{err}
	}
	db, err := store.Open(path, time.Now)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

type openapiCommand struct {
	Format string `enum:"json,yaml" default:"json" help:"json or yaml (${default})."`
}

// Run prints the document.
func (cmd openapiCommand) Run(streams Streams) error {
	text := docs.JSON
	if cmd.Format == "yaml" {
		text = docs.YAML
	}
	_, err := streams.Out.Write(text)
	return err
}

type versionCommand struct{}

// Run prints the version that the program was built as.
func (versionCommand) Run(streams Streams) error {
	version, revision := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = " " + setting.Value
			}
		}
	}
	_, err := fmt.Fprintf(streams.Out, "latchkey %s%s\n", version, revision)
	return err
}
