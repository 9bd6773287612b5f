package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"latchkey/internal/tools/drive"
	"latchkey/models"
)

// growthRounds are the turns of few and many users; the median of their ratios is what counts.
const growthRounds = 5

// growth measures what many users do to the speed, on each engine, and writes the report.
func (r *runner) growth(ctx context.Context) error {
	report := growthReport{machine: thisMachine(), time: r.time, users: r.users, connections: r.connections}
	for _, engine := range r.engines {
		lines, err := r.grow(ctx, engine)
		if errors.Is(err, drive.ErrNoPostgres) {
			fmt.Fprintln(r.progress, err)
			report.notRun = append(report.notRun, engine)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		report.lines = append(report.lines, lines...)
	}
	return write(filepath.Join(r.out, "growth.md"), report.markdown())
}

// growthLine is what was measured of one operation.
type growthLine struct {
	engine, title string
	few, many     figure
	ratio         float64 // of many's rate to few's, the median of the rounds
	search        bool    // reads all users, so it may be slower
}

func (r *runner) grow(ctx context.Context, engine string) (lines []growthLine, err error) {
	few, err := r.open(ctx, engine, r.users[0], 1)
	if err != nil {
		return nil, err
	}
	defer few.close()
	many, err := r.open(ctx, engine, r.users[1], 1)
	if err != nil {
		return nil, err
	}
	defer many.close()
	ofFew, err := r.operations(ctx, few)
	if err != nil {
		return nil, err
	}
	ofMany, err := r.operations(ctx, many)
	if err != nil {
		return nil, err
	}
	for i, operation := range ofFew {
		line, err := r.growLine(ctx, operation, ofMany[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", operation.title, err)
		}
		line.engine = engine
		fmt.Fprintf(r.progress, "%s %-40s %.3f (%s, %s)\n", engine, line.title, line.ratio, line.few.p50, line.many.p50)
		lines = append(lines, line)
	}
	return lines, nil
}

// growLine measures an operation with few and many users in turns, after a round of each that does not count.
func (r *runner) growLine(ctx context.Context, few, many operation) (growthLine, error) {
	line := growthLine{title: few.title, search: few.search}
	var ratios []float64
	var totals [2]gauge
	for round := range growthRounds + 1 {
		var rates [2]float64
		for i, o := range []operation{few, many} {
			g := gauge{processes: o.target.instances}
			if err := g.measure(ctx, o.crowd, o.next(round, r.time/growthRounds)); err != nil {
				return line, err
			}
			rates[i] = g.figure().rate
			if round > 0 {
				totals[i].took = append(totals[i].took, g.took...)
				totals[i].elapsed += g.elapsed
				totals[i].cpu += g.cpu
			}
		}
		if round > 0 {
			ratios = append(ratios, rates[1]/rates[0])
		}
	}
	line.few, line.many, line.ratio = totals[0].figure(), totals[1].figure(), drive.Percentile(ratios, 50)
	return line, nil
}

// operation is something that is done to a target over and over.
type operation struct {
	title  string
	target *target
	search bool
	crowd  drive.Crowd
	next   func(round int, time time.Duration) drive.Next
}

// operations are the same for every target, in the same order.
func (r *runner) operations(ctx context.Context, t *target) ([]operation, error) {
	firstUses := 60 * r.connections // in a round
	owners, err := t.owners(ctx)
	if err != nil {
		return nil, err
	}
	me, err := t.requests(owners, 0, manyTokens)
	if err != nil {
		return nil, err
	}
	fresh, err := t.requests(owners, manyTokens, firstUses*(growthRounds+1))
	if err != nil {
		return nil, err
	}
	admin, err := t.administratorToken(ctx)
	if err != nil {
		return nil, err
	}
	var logins, scattered [][]byte
	for i := range manyTokens {
		name := username(i * stride % t.users)
		logins = append(logins, drive.LogIn(name, password))
		scattered = append(scattered, drive.Get("/users/?cursor="+cursor(name), admin))
	}
	list := func(query string) [][]byte { return [][]byte{drive.Get("/users/"+query, admin)} }

	crowd, alone := t.crowd(r.connections), t.crowd(1)
	repeat := func(title string, crowd drive.Crowd, requests [][]byte) operation {
		return operation{title: title, target: t, crowd: crowd, next: func(_ int, time time.Duration) drive.Next {
			return drive.For(time, crowd.InTurn(requests))
		}}
	}
	all := []operation{
		repeat("`GET /users/me`, one token", crowd, me[:1]),
		repeat("`GET /users/me`, 1,000 tokens", crowd, me),
		{title: "first use of a token", target: t, crowd: crowd, next: func(round int, _ time.Duration) drive.Next {
			return crowd.Each(fresh[round*firstUses : (round+1)*firstUses])
		}},
		repeat("login", crowd, logins),
		repeat("`GET /users/`, the first page", crowd, list("")),
		repeat("`GET /users/`, a page in the middle", crowd, list("?cursor="+cursor(username(t.users/2)))),
		repeat("`GET /users/`, pages all over", crowd, scattered),
		repeat("search for a username, alone", alone, list("?search="+username(t.users/3))),
		repeat("search for a rare name, alone", alone, list("?search=zebulon")),
	}
	for i := len(all) - 2; i < len(all); i++ {
		all[i].search = true
	}
	return all, nil
}

// cursor is where the page after that name begins.
func cursor(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// requests are GET /users/me with as many tokens.
func (t *target) requests(owners []owner, from, count int) (all [][]byte, err error) {
	tokens, err := t.tokensFor(owners, from, count)
	for _, token := range tokens {
		all = append(all, drive.Get("/users/me", token))
	}
	return all, err
}

// administratorToken is of one who may list the users.
func (t *target) administratorToken(ctx context.Context) (string, error) {
	body, err := drive.Once(ctx, t.instances[0].Addr, drive.LogIn("admin", password))
	if err != nil {
		return "", err
	}
	return accessToken(body, models.ScopeUsersRead)
}
