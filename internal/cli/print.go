package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"latchkey/models"
)

func printUsers(w io.Writer, users []models.User) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "USERNAME\tEMAIL\tFULL NAME\tSTATUS\tSCOPES")
	for _, u := range users {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n",
			u.Username, text(u.Email), text(u.FullName), status(u), strings.Join(u.Scopes, " "))
	}
	return table.Flush()
}

func printUser(w io.Writer, u models.User) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Username\t%s\nID\t%s\nEmail\t%s\nFull name\t%s\nStatus\t%s\nScopes\t%s\nCreated\t%s\n",
		u.Username, u.ID, text(u.Email), text(u.FullName), status(u), strings.Join(u.Scopes, " "),
		u.CreatedAt.Format("2006-01-02 15:04:05 MST"))
	return table.Flush()
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func status(u models.User) string {
	if u.Disabled {
		return "disabled"
	}
	return "active"
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
