package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"latchkey/internal/auth"
)

// readPassword asks for a new password at a terminal, twice and without
// showing it; anything else on standard input is read as one line.
func readPassword(streams Streams) (string, error) {
	password, err := askOrReadPassword(streams)
	if err != nil {
		return "", err
	}
	if err := auth.CheckPassword(password); err != nil {
		return "", settingsError{err}
	}
	return password, nil
}

func askOrReadPassword(streams Streams) (string, error) {
	if !term.IsTerminal(int(streams.In.Fd())) {
		return readLine(streams.In)
	}
	first, err := ask(streams, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := ask(streams, "Again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ")
	}
	return first, nil
}

func ask(streams Streams, prompt string) (string, error) {
	fmt.Fprint(streams.Err, prompt)
	answer, err := term.ReadPassword(int(streams.In.Fd()))
	fmt.Fprintln(streams.Err)
	return string(answer), err
}

// readLine reads a line without its end.
func readLine(in *os.File) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", fmt.Errorf("nothing to read on standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
