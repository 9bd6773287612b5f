package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// misused says what is wrong with a command line and which help there is.
func misused(streams Streams, err error) int {
	command := commandOf(err)
	surplus := strings.HasPrefix(err.Error(), "unexpected argument")
	fault := err.Error()
	switch {
	case surplus && (command == "user add" || command == "user password"): // it may be one, so it is not repeated
		fault = "a password is not an argument: it is asked for, or read from standard input"
	case surplus && command == "serve":
		command = "" // most likely a command that does not exist: the list of them helps
	}
	fmt.Fprintf(streams.Err, "latchkey: %s\nTry: %s\n", printable(fault),
		strings.Join(strings.Fields("latchkey "+command+" --help"), " "))
	return exitUsage
}

// commandOf is the command that the error is about, empty if it is none.
func commandOf(err error) string {
	e, ok := errors.AsType[*kong.ParseError](err)
	if !ok || e.Context == nil {
		return ""
	}
	path, _, _ := strings.Cut(e.Context.Command(), "<")
	return strings.TrimSpace(path)
}
