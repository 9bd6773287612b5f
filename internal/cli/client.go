package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/store"
	"latchkey/models"
)

type clientCommands struct {
	Add    clientAdd    `cmd:"" help:"Register a client. Its secret is shown once."`
	List   clientList   `cmd:"" help:"List the registered clients."`
	Delete clientDelete `cmd:"" help:"Remove a client; its tokens and sessions end."`
}

type clientAdd struct {
	config.Database
	ID     string      `arg:"" help:"The client's id."`
	Scopes config.List `placeholder:"SCOPE,…" help:"What the client may be granted for itself (none)."`
}

// Run registers the client.
func (cmd clientAdd) Run(ctx context.Context, streams Streams) error {
	client, secret, err := auth.NewClient(cmd.ID, cmd.Scopes)
	if err != nil {
		return settingsError{err}
	}
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		if err := db.CreateClient(ctx, client); err != nil {
			return err
		}
		_, err := fmt.Fprintf(streams.Out, "Registered %s. Its secret, which is shown only now:\n%s\n", client.ID, secret)
		return err
	})
}

type clientList struct{ config.Database }

// Run lists the clients.
func (cmd clientList) Run(ctx context.Context, streams Streams) error {
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		clients, err := db.Clients(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tSCOPES\tCREATED")
		for _, c := range clients {
			fmt.Fprintf(table, "%s\t%s\t%s\n",
				printable(c.ID), printable(strings.Join(c.Scopes, " ")), c.CreatedAt.Format(timeLayout))
		}
		return table.Flush()
	})
}

type clientDelete struct {
	config.Database
	ID string `arg:"" help:"The client's id."`
}

// Run removes the client.
func (cmd clientDelete) Run(ctx context.Context, streams Streams) error {
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		err := db.DeleteClient(ctx, cmd.ID)
		if models.KindOf(err) == models.KindNotFound {
			return fmt.Errorf("there is no client %q; latchkey client list shows them all", cmd.ID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(streams.Out, "Deleted %s.\n", printable(cmd.ID))
		return err
	})
}
