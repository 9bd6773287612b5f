package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"

	"latchkey/internal/config"
	"latchkey/internal/store"
)

type migrateCommand struct {
	config.Database
	config.Target
}

// Run brings the database to this version, or copies it.
func (cmd migrateCommand) Run(ctx context.Context, streams Streams) error {
	if cmd.To != "" {
		return cmd.copy(ctx, streams)
	}
	return withStore(ctx, streams, cmd.Database, func(*store.Store) error {
		_, err := fmt.Fprintln(streams.Out, "The database is up to date.")
		return err
	})
}

// copy copies everything. A signal ends it between two batches.
func (cmd migrateCommand) copy(ctx context.Context, streams Streams) error {
	source, errSource := cmd.Source()
	target, errTarget := cmd.Destination()
	if err := errors.Join(errSource, errTarget); err != nil {
		return settingsError{err}
	}
	if _, isFile := cmd.File(); !isFile {
		return settingsError{errors.New("--to (LATCHKEY_MIGRATE_TO): only an SQLite database can be copied, " +
			"and --database-url (LATCHKEY_DATABASE_URL) is none")}
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once

	progress := newProgress(streams.Err)
	tables, err := store.Copy{Source: source, Target: target, Watch: progress.show}.Run(ctx)
	progress.end()
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted: run the same command again to go on")
	}
	if len(tables) > 0 {
		err = errors.Join(err, printCopied(streams.Out, tables))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(streams.Out, "\nCopied. From now on start the service with the URL of the new database in LATCHKEY_DATABASE_URL,\n"+
		"and with the same key file: LATCHKEY_KEY_FILE=%s\n", printable(absolute(cmd.keyFile())))
	return err
}

// keyFile is where the service had its keys, unless it was told where.
func (cmd migrateCommand) keyFile() string {
	return config.Keys{Database: cmd.Database, KeyFile: os.Getenv("LATCHKEY_KEY_FILE")}.KeyPath()
}

// checksumShown is how much of a checksum is shown: all of it is compared.
const checksumShown = 16

func printCopied(w io.Writer, tables []store.CopiedTable) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TABLE\tROWS\tCHECKSUM\tOK")
	for _, t := range tables {
		ok := "yes"
		if !t.OK() {
			ok = fmt.Sprintf("no: the copy has %d rows, %s", t.Target.Rows, t.Target.Checksum[:checksumShown])
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", t.Name, t.Source.Rows, t.Source.Checksum[:checksumShown], ok)
	}
	return table.Flush()
}
