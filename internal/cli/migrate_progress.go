package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"latchkey/internal/store"
)

const (
	redrawEvery = 100 * time.Millisecond
	// lineEvery is how often a log is told of a table that takes long.
	lineEvery = 10 * time.Second
	barWidth  = 10 // leaves room for eight digits in 80 columns
)

// progress shows how far a copy is: on a terminal a bar for each table, else
// a line for each, and for one that takes long now and then another.
type progress struct {
	w        io.Writer
	terminal bool

	now   store.CopyStep // the table and phase that is shown
	start int64          // what was done of it earlier
	bar   *progressbar.ProgressBar
	last  time.Time
}

func newProgress(w io.Writer) *progress { return &progress{w: w, terminal: isTerminal(w)} }

func (p *progress) show(step store.CopyStep) {
	if step.Total == 0 {
		return
	}
	if step.Phase != p.now.Phase || step.Table != p.now.Table {
		p.begin(step)
	}
	p.now = step
	if p.terminal {
		_ = p.bar.Set64(step.Done - p.start)
		return
	}
	complete := step.Phase == store.CopyWrites && step.Done == step.Total
	if complete || time.Since(p.last) >= lineEvery {
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s %s: %d of %d rows\n", step.Phase, step.Table, step.Done, step.Total)
	}
}

// begin shows the next table. Only the bars of the copy itself stay.
func (p *progress) begin(step store.CopyStep) {
	p.start, p.last = step.Done, time.Now()
	if !p.terminal {
		return
	}
	p.end()
	options := []progressbar.Option{
		progressbar.OptionSetWriter(p.w),
		progressbar.OptionSetDescription(fmt.Sprintf("%-8s %-14s", step.Phase, step.Table)),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("rows"),
		progressbar.OptionThrottle(redrawEvery),
		progressbar.OptionSetRenderBlankState(true),
	}
	if step.Phase != store.CopyWrites {
		options = append(options, progressbar.OptionClearOnFinish())
	}
	p.bar = progressbar.NewOptions64(step.Total-step.Done, options...)
}

// end leaves the line of the bar.
func (p *progress) end() {
	if p.bar == nil {
		return
	}
	if p.now.Phase == store.CopyWrites || !p.bar.IsFinished() {
		fmt.Fprintln(p.w)
	}
	p.bar = nil
}
