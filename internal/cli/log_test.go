package cli

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// paper is written on, unless there is none.
type paper struct {
	mu    sync.Mutex
	out   bool
	lines strings.Builder
}

// Write implements io.Writer.
func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out {
		return 0, errors.New("no space left")
	}
	return p.lines.Write(b)
}

func (p *paper) has(t *testing.T, want string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := p.lines.String(); got != want {
		t.Errorf("written is %q, want %q", got, want)
	}
}

func TestLinesWaitNoLongerThanAFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(paper)
		b, flush := newBuffered(p)
		mustWrite(t, b, "one\n")
		p.has(t, "")
		<-time.NewTimer(flushEvery + time.Millisecond).C
		p.has(t, "one\n")
		mustWrite(t, b, strings.Repeat("x", flushAt))
		p.has(t, "one\n"+strings.Repeat("x", flushAt))
		mustWrite(t, b, "last\n")
		flush()
		p.has(t, "one\n"+strings.Repeat("x", flushAt)+"last\n")
	})
}

func TestALogOnAFullDiskRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &paper{out: true}
		b, flush := newBuffered(p)
		mustWrite(t, b, "lost\n")
		<-time.NewTimer(flushEvery + time.Millisecond).C
		p.mu.Lock()
		p.out = false
		p.mu.Unlock()
		mustWrite(t, b, "kept\n")
		flush()
		p.has(t, "kept\n")
	})
}

func mustWrite(t *testing.T, b *buffered, line string) {
	t.Helper()
	if n, err := b.Write([]byte(line)); n != len(line) || err != nil {
		t.Error(n, err)
	}
}
