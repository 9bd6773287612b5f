package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"latchkey/internal/tools/drive"
)

// figure is what was measured of one server.
type figure struct {
	rate     float64 // answers a second
	p50, p99 time.Duration
	cpu      time.Duration // for each answer
	memory   float64       // MiB at the peak, of all instances
}

// cell is a scenario with a database, beside the bare handler in the same run.
type cell struct {
	engine        string
	instances     int
	scenario      scenario
	service, bare figure
}

// ratio is how much of the bare handler's speed the service has.
func (c cell) ratio() float64 { return c.service.rate / c.bare.rate }

// setup is a row of the matrix.
type setup struct {
	engine    string
	instances int
}

func (s settings) setups() (all []setup) {
	for _, engine := range s.engines {
		all = append(all, setup{engine, 1})
		if engine == "postgres" {
			all = append(all, setup{engine, 2})
		}
	}
	return all
}

// load measures every scenario with every setup and writes the report.
func (r *runner) load(ctx context.Context) error {
	bare, err := r.startBare(ctx)
	if err != nil {
		return err
	}
	defer bare.Stop()
	report := loadReport{machine: thisMachine(), time: r.time, connections: r.connections}
	for _, s := range r.setups() {
		cells, err := r.measureSetup(ctx, s, bare)
		if errors.Is(err, drive.ErrNoPostgres) {
			fmt.Fprintln(r.progress, err)
			report.notRun = append(report.notRun, s)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s, %d instances: %w", s.engine, s.instances, err)
		}
		report.cells = append(report.cells, cells...)
	}
	plot, err := report.plot()
	if err != nil {
		return err
	}
	return errors.Join(write(filepath.Join(r.out, "load.svg"), plot), write(filepath.Join(r.out, "load.md"), report.markdown()))
}

func (r *runner) measureSetup(ctx context.Context, s setup, bare *drive.Process) (cells []cell, err error) {
	const users = 1000
	t, err := r.open(ctx, s.engine, users, s.instances)
	if err != nil {
		return nil, err
	}
	defer t.close()
	owners, err := t.owners(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := t.tokensFor(owners, 0, manyTokens)
	if err != nil {
		return nil, err
	}
	asking, err := newVisitor(ctx, t.crowd(r.connections), tokens)
	if err != nil {
		return nil, err
	}
	beside, err := newVisitor(ctx, drive.Crowd{Addrs: []string{bare.Addr}, Connections: r.connections}, tokens)
	if err != nil {
		return nil, err
	}
	for _, scenario := range scenarios() {
		c := cell{engine: s.engine, instances: s.instances, scenario: scenario}
		service, handler := &gauge{processes: t.instances}, &gauge{processes: []*drive.Process{bare}}
		if err := r.compare(ctx, scenario, side{asking, service}, side{beside, handler}); err != nil {
			return nil, fmt.Errorf("%s: %w", scenario.name, err)
		}
		c.service, c.bare = service.figure(), handler.figure()
		fmt.Fprintf(r.progress, "%s x%d %-8s %8.0f/s, %.3f of bare Gin\n", s.engine, s.instances, scenario.name, c.service.rate, c.ratio())
		cells = append(cells, c)
	}
	return cells, nil
}

// side is one of two servers that are compared.
type side struct {
	visitor *visitor
	gauge   *gauge
}

// compare measures the sides in turns, after a warm-up, so that what else the machine does strikes both.
func (r *runner) compare(ctx context.Context, s scenario, sides ...side) error {
	const rounds, warmUp = 2, 5 // a fifth of the time goes before
	for _, side := range sides {
		if _, err := side.visitor.crowd.Send(ctx, drive.For(r.time/warmUp, s.next(side.visitor))); err != nil {
			return err
		}
		if err := side.gauge.begin(); err != nil {
			return err
		}
	}
	for range rounds {
		for _, side := range sides {
			if err := side.gauge.measure(ctx, side.visitor.crowd, drive.For(r.time/rounds, s.next(side.visitor))); err != nil {
				return err
			}
		}
	}
	return nil
}

// gauge adds up what a server did in several rounds.
type gauge struct {
	processes []*drive.Process
	took      drive.Took
	elapsed   time.Duration
	cpu       time.Duration
	memory    float64
}

// begin forgets the memory that the processes took before.
func (g *gauge) begin() error {
	for _, p := range g.processes {
		if err := p.ForgetPeak(); err != nil {
			return err
		}
	}
	return nil
}

func (g *gauge) measure(ctx context.Context, crowd drive.Crowd, next drive.Next) error {
	before, _, err := g.read()
	if err != nil {
		return err
	}
	begin := time.Now()
	took, err := crowd.Send(ctx, next)
	if err != nil {
		return err
	}
	g.elapsed += time.Since(begin)
	g.took = append(g.took, took...)
	after, memory, err := g.read()
	g.cpu += after - before
	g.memory = memory
	return err
}

// read sums up the processes.
func (g *gauge) read() (cpu time.Duration, memory float64, err error) {
	for _, p := range g.processes {
		used, errCPU := p.CPU()
		peak, errMemory := p.Memory("VmHWM")
		if err := errors.Join(errCPU, errMemory); err != nil {
			return 0, 0, err
		}
		cpu, memory = cpu+used, memory+peak
	}
	return cpu, memory, nil
}

func (g *gauge) figure() figure {
	count := len(g.took)
	return figure{
		rate: float64(count) / g.elapsed.Seconds(), cpu: g.cpu / time.Duration(max(count, 1)), memory: g.memory,
		p50: drive.Percentile(g.took, 50), p99: drive.Percentile(g.took, 99),
	}
}
