package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"latchkey/internal/tokens"
	"latchkey/internal/tools/drive"
)

// publicURL is the issuer of all tokens, whichever instance signs them.
const publicURL = "http://127.0.0.1:8000"

// runner has what all measurements need.
type runner struct {
	settings
	folder, binary string
	progress       io.Writer
}

// target is a database with users in it, and the instances of the service that share it.
type target struct {
	engine    string
	users     int
	db        *sql.DB
	issuer    *tokens.Issuer
	instances []*drive.Process
	drop      func() error
}

// crowd loads all instances in turn.
func (t *target) crowd(connections int) drive.Crowd {
	c := drive.Crowd{Connections: connections}
	for _, p := range t.instances {
		c.Addrs = append(c.Addrs, p.Addr)
	}
	return c
}

// close ends the service and drops the database.
func (t *target) close() {
	for _, p := range t.instances {
		p.Stop()
	}
	if t.db != nil {
		_ = t.db.Close() // its database goes
	}
	if err := t.drop(); err != nil {
		fmt.Fprintln(os.Stderr, "load: a database is left behind:", err)
	}
}

// open makes a database with so many users and starts so many instances on it. It is drive.ErrNoPostgres if there is none.
func (r *runner) open(ctx context.Context, engine string, users, instances int) (t *target, err error) {
	folder, err := os.MkdirTemp(r.folder, engine)
	if err != nil {
		return nil, err
	}
	t = &target{engine: engine, users: users, drop: func() error { return os.RemoveAll(folder) }}
	source := filepath.Join(folder, "latchkey.db")
	url := "sqlite:" + source
	if engine == "postgres" {
		if source, t.drop, err = drive.NewPostgres(ctx); err != nil {
			return nil, err
		}
		url = source
	}
	opened := t
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	if err := r.start(ctx, t, folder, url); err != nil { // makes the tables and the key
		return nil, err
	}
	if t.db, err = openDatabase(engine, source); err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := fill(ctx, t.db, engine, users); err != nil {
		return nil, err
	}
	fmt.Fprintf(r.progress, "%s: %d users in %s\n", engine, users, time.Since(begin).Round(time.Second))
	t.instances[0].Stop()
	t.instances = nil
	for range instances {
		if err := r.start(ctx, t, folder, url); err != nil {
			return nil, err
		}
	}
	t.issuer, err = issuer(filepath.Join(folder, "latchkey.key.pem"))
	return t, err
}

// start runs one more instance of the service.
func (r *runner) start(ctx context.Context, t *target, folder, url string) error {
	//nolint:gosec // the program that was built for this
	command := exec.CommandContext(ctx, r.binary, "serve", "--addr=127.0.0.1:0", "--rate-limit=off", "--demo=off",
		"--public-url="+publicURL, "--key-file="+filepath.Join(folder, "latchkey.key.pem"))
	command.Env = append(os.Environ(), "LATCHKEY_DATABASE_URL="+url) // it may have a password, which is nothing for a list of processes
	p, err := drive.Start(command, folder)
	if err != nil {
		return err
	}
	t.instances = append(t.instances, p)
	return nil
}

// startBare runs this program as the server that the service is compared with.
func (r *runner) startBare(ctx context.Context) (*drive.Process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program) //nolint:gosec // it is this one
	command.Env = append(os.Environ(), bareVariable+"=yes")
	return drive.Start(command, r.folder)
}

// issuer signs tokens as the service does that has this key.
func issuer(keyFile string) (*tokens.Issuer, error) {
	keys, err := tokens.OpenKeyFile(keyFile)
	if err != nil {
		return nil, err
	}
	return tokens.NewIssuer(tokens.Config{Issuer: publicURL, Audience: publicURL, Keys: keys, TTL: time.Hour, Now: time.Now})
}

// owner is whom a token is for.
type owner struct{ user, session string }

// owners are the sessions, scattered as those are who come back.
func (t *target) owners(ctx context.Context) (all []owner, err error) {
	found, err := t.db.QueryContext(ctx, `SELECT user_id, id FROM sessions WHERE user_agent = 'load' ORDER BY user_id`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var o owner
		if err := found.Scan(&o.user, &o.session); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	if len(all) == 0 {
		return nil, cmp.Or(found.Err(), errors.New("there is no session"))
	}
	return all, found.Err()
}

// tokensFor are so many tokens of those sessions, from the given one on and spread over all of them.
func (t *target) tokensFor(owners []owner, from, count int) (all []string, err error) {
	for i := range count {
		o := owners[(from+i)*stride%len(owners)]
		token, _, err := t.issuer.Issue(tokens.Grant{Subject: o.user, ClientID: "load", SessionID: o.session, Scopes: []string{"items:read", "items:write"}})
		if err != nil {
			return nil, err
		}
		all = append(all, token)
	}
	return all, nil
}
