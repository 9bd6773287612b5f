// Package cli is the command line: it reads the settings and wires the rooms
// together.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// Exit codes of the program.
const (
	exitOK      = 0
	exitFailure = 1 // what was asked for could not be done
	exitUsage   = 2 // the command, a flag or a setting is wrong
)

const description = `Latchkey gives an API its login: users in a database, OAuth 2.0 tokens that expire, scopes that are enforced.

Without a command it runs the service. Every setting is a flag and an environment variable.`

// commands is the grammar of the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" default:"withargs" help:"Run the service (what happens without a command)."`
	User    userCommands   `cmd:"" help:"Manage the accounts."`
	Client  clientCommands `cmd:"" help:"Manage the OAuth clients."`
	Keys    keysCommands   `cmd:"" help:"Manage the signing keys."`
	Audit   auditCommand   `cmd:"" help:"Show who did what to which account."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this version, or copy it to PostgreSQL, and stop."`
	OpenAPI openapiCommand `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// Streams are where a command reads and writes.
type Streams struct {
	In       *os.File
	Out, Err io.Writer
}

// Run carries out a command line, without the program's name, until it is
// done or ctx ends. It returns the exit code.
//
// A variable that is set but empty counts as not set: that is how Compose
// files pass on what nobody chose. Run takes such ones out of the environment.
func Run(ctx context.Context, args []string, streams Streams) int {
	if err := unsetEmpty(); err != nil {
		return report(streams, err)
	}
	code := exitOK
	exited := false
	parser, err := kong.New(&commands{},
		kong.Name("latchkey"), kong.Description(description),
		kong.Writers(streams.Out, streams.Err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Exit(func(c int) { code, exited = c, true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams),
	)
	if err != nil {
		panic(err) //nolint:forbidigo // the grammar is fixed, and every test parses it
	}
	command, err := parser.Parse(args)
	if exited { // --help
		return code
	}
	if err != nil {
		return misused(streams, err)
	}
	return report(streams, command.Run())
}

func unsetEmpty() error {
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "LATCHKEY_") || value != "" {
			continue
		}
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	return nil
}

// settingsError is the fault of whoever set the settings.
type settingsError struct{ error }

// Unwrap gives the faults to errors.Is and errors.As.
func (e settingsError) Unwrap() error { return e.error }

// settingsFault is err as the fault of whoever set the settings.
func settingsFault(err error) error {
	if err == nil {
		return nil
	}
	return settingsError{err}
}

// report says what went wrong, a line for each fault.
func report(streams Streams, err error) int {
	if err == nil {
		return exitOK
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(streams.Err, "latchkey:", printable(line))
	}
	if _, ok := errors.AsType[settingsError](err); ok {
		return exitUsage
	}
	return exitFailure
}
