package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"

	"latchkey/internal/rules"
)

// readPassword asks for a new password at a terminal, twice and without
// showing it; anything else on standard input is read as one line.
// A password that people could not choose themselves is taken, with a warning.
func readPassword(ctx context.Context, streams Streams, about []string) (string, error) {
	password, err := askOrReadPassword(ctx, streams)
	if err != nil {
		return "", err
	}
	if password == "" || len(password) > longestPassword || !utf8.ValidString(password) {
		return "", settingsError{fmt.Errorf("a password has 1 to %d bytes of UTF-8", longestPassword)}
	}
	if err := rules.Password(password, about...); err != nil {
		fmt.Fprintf(streams.Err, "latchkey: this is a weak password, which the API would refuse: %v\n", err)
	}
	return password, nil
}

func askOrReadPassword(ctx context.Context, streams Streams) (string, error) {
	if !term.IsTerminal(int(streams.In.Fd())) {
		return readLine(streams.In)
	}
	first, err := ask(ctx, streams, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := ask(ctx, streams, "Again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ")
	}
	return first, nil
}

// ask puts a question and reads the answer, which the terminal does not show.
// Whoever interrupts it gets the terminal back as it was.
func ask(ctx context.Context, streams Streams, question string) (string, error) {
	terminal := int(streams.In.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Fprint(streams.Err, question)
	var answer []byte
	answered := make(chan error, 1)
	go func() {
		var err error
		answer, err = term.ReadPassword(terminal)
		answered <- err
	}()
	select {
	case err := <-answered:
		fmt.Fprintln(streams.Err)
		return string(answer), err
	case <-ctx.Done():
		fmt.Fprintln(streams.Err)
		return "", errors.Join(errors.New("interrupted"), term.Restore(terminal, before))
	}
}

// longestPassword is that of the API, in bytes.
const longestPassword = 1024

// longestLine is more than any password or hash, in bytes.
const longestLine = 64 << 10

// readLine reads a line without its end.
func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, longestLine)).ReadString('\n')
	switch {
	case errors.Is(err, io.EOF) && line == "":
		return "", errors.New("there is nothing to read on standard input")
	case err != nil && !errors.Is(err, io.EOF):
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}
