package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"latchkey/internal/config"
)

// newLogger writes text for a person at a terminal, else JSON. What goes to a
// terminal is there at once; elsewhere lines are collected, as told of
// buffered, until flush is called.
func newLogger(settings config.Serve, w io.Writer) (log *slog.Logger, flush func()) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(settings.LogLevel)) // one of those that Check lets through
	options := &slog.HandlerOptions{Level: level}
	terminal := isTerminal(w)
	flush = func() {}
	if !terminal {
		w, flush = newBuffered(w)
	}
	if settings.LogFormat == "text" || settings.LogFormat == "" && terminal {
		return slog.New(slog.NewTextHandler(w, options)), flush
	}
	return slog.New(slog.NewJSONHandler(w, options)), flush
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

const (
	// flushEvery is how long a line of the log may wait to be written.
	flushEvery = 100 * time.Millisecond
	// flushAt is how many bytes may wait.
	flushAt = 64 << 10
)

// buffered collects lines, so that a busy service does not pay a system call
// for each. A service that is killed loses those of the last flushEvery; what
// cannot be written is lost, and what follows is tried anew.
type buffered struct {
	mu    sync.Mutex
	w     io.Writer
	lines []byte
}

// newBuffered writes on to w from time to time until flush is called.
func newBuffered(w io.Writer) (b *buffered, flush func()) {
	b = &buffered{w: w}
	ctx, cancel := context.WithCancel(context.Background())
	var flushing sync.WaitGroup
	flushing.Go(func() { b.flushUntil(ctx) })
	return b, func() {
		cancel()
		flushing.Wait()
		b.flush()
	}
}

// Write implements io.Writer.
func (b *buffered) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line...)
	if len(b.lines) >= flushAt {
		b.writeOut()
	}
	return len(line), nil
}

func (b *buffered) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writeOut()
}

// writeOut needs the lock.
func (b *buffered) writeOut() {
	if len(b.lines) > 0 {
		_, _ = b.w.Write(b.lines)
		b.lines = b.lines[:0]
	}
}

func (b *buffered) flushUntil(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			b.flush()
		}
	}
}
