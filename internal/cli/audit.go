package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"latchkey/internal/config"
	"latchkey/internal/store"
	"latchkey/models"
)

type auditCommand struct {
	config.Database
	User  string `placeholder:"NAME" help:"Only what happened to this account, which may be gone by now."`
	Event string `placeholder:"EVENT" help:"Only events of this kind, such as login_refused."`
	Limit int    `default:"50" placeholder:"N" help:"At most so many, the newest first; 0 for all (${default})."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run shows the audit trail.
func (cmd auditCommand) Run(ctx context.Context, streams Streams) error {
	if cmd.Limit < 0 {
		return settingsError{fmt.Errorf("--limit: %d is less than 0", cmd.Limit)}
	}
	if cmd.Event != "" && !slices.Contains(models.EventKinds(), models.EventKind(cmd.Event)) {
		return settingsError{fmt.Errorf("--event: there is no event %q; there are %v", cmd.Event, models.EventKinds())}
	}
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		events, err := cmd.events(ctx, db)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(streams.Out, events)
		}
		return printEvents(streams.Out, events)
	})
}

// events reads as many pages as are asked for.
func (cmd auditCommand) events(ctx context.Context, db *store.Store) ([]models.Event, error) {
	events := []models.Event{}
	query := models.EventQuery{Username: cmd.User, Kind: models.EventKind(cmd.Event)}
	for {
		query.Limit = models.MaxPageLimit
		if cmd.Limit > 0 {
			query.Limit = min(query.Limit, cmd.Limit-len(events))
		}
		page, err := db.Events(ctx, query)
		if err != nil {
			return nil, err
		}
		events = append(events, page.Data...)
		if page.Next == nil || len(events) == cmd.Limit {
			return events, nil
		}
		query.After, _ = models.ReadCursor(*page.Next)
	}
}

func printEvents(w io.Writer, events []models.Event) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tEVENT\tUSER\tBY\tADDRESS\tDETAIL")
	for _, e := range events {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", e.At.Format(timeLayout), printable(string(e.Kind)),
			text(e.Username), text(e.Actor), dash(e.Address), text(e.Detail))
	}
	return table.Flush()
}

// dash is the text, or a dash in the place of none.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return printable(s)
}
