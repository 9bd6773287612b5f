package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"

	"latchkey/models"
)

// timeLayout is how a person is shown a time.
const timeLayout = "2006-01-02 15:04:05 MST"

func printUsers(w io.Writer, users []models.User) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "USERNAME\tEMAIL\tFULL NAME\tSTATUS\tSCOPES")
	for _, u := range users {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n",
			printable(u.Username), text(u.Email), text(u.FullName), status(u), printable(strings.Join(u.Scopes, " ")))
	}
	return table.Flush()
}

func printUser(w io.Writer, u models.User) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Username\t%s\nID\t%s\nEmail\t%s\nFull name\t%s\nStatus\t%s\nScopes\t%s\nCreated\t%s\n",
		printable(u.Username), printable(u.ID), text(u.Email), text(u.FullName), status(u),
		printable(strings.Join(u.Scopes, " ")),
		u.CreatedAt.Format(timeLayout))
	return table.Flush()
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return printable(*s)
}

func status(u models.User) string {
	if u.Disabled {
		return "disabled"
	}
	return "active"
}

func printJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, escape(string(text)+"\n", "\n", jsonEscape))
	return err
}

// jsonEscape is a rune as JSON escapes it (RFC 8259 §7).
func jsonEscape(r rune) string {
	var escaped strings.Builder
	for _, unit := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&escaped, `\u%04x`, unit)
	}
	return escaped.String()
}

// printable shows what a terminal would obey or hide as Go writes it: values
// that came into the database past our rules may hold anything.
func printable(s string) string {
	return escape(s, "", func(r rune) string { return strings.Trim(strconv.QuoteRune(r), "'") })
}

// escape escapes all runes that are not printable but for those to keep.
func escape(s, keep string, escaped func(rune) string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) || strings.ContainsRune(keep, r) {
			b.WriteRune(r)
		} else {
			b.WriteString(escaped(r))
		}
	}
	return b.String()
}
