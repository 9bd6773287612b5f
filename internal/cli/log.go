package cli

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"latchkey/internal/config"
)

// newLogger writes text for a person at a terminal, else JSON.
func newLogger(settings config.Serve, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(settings.LogLevel)) // one of those that Check lets through
	options := &slog.HandlerOptions{Level: level}
	if settings.LogFormat == "text" || settings.LogFormat == "" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
