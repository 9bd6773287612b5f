package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/store"
	"latchkey/models"
)

type userCommands struct {
	Add      userAdd      `cmd:"" help:"Create an account; its password is asked for, or read from standard input."`
	List     userList     `cmd:"" help:"List all accounts."`
	Show     userShow     `cmd:"" help:"Show an account."`
	Disable  userDisable  `cmd:"" help:"Disable an account: its tokens open nothing."`
	Enable   userEnable   `cmd:"" help:"Enable a disabled account."`
	Delete   userDelete   `cmd:"" help:"Delete an account and all that is its own."`
	Password userPassword `cmd:"" help:"Change a password, which is asked for or read from standard input. All tokens end."`
	Scopes   userScopes   `cmd:"" help:"Say what an account may be granted."`
}

// named is what the commands about one account share.
type named struct {
	config.Database
	Username string `arg:"" help:"The account's name."`
}

// account is the account of that name.
func (n named) account(ctx context.Context, db *store.Store) (models.Account, error) {
	account, err := db.AccountByUsername(ctx, n.Username)
	return account, n.explain(err)
}

// explain says which user it was that is not there.
func (n named) explain(err error) error {
	if models.KindOf(err) == models.KindNotFound {
		return fmt.Errorf("there is no user %q; latchkey user list shows them all", n.Username)
	}
	return err
}

type userAdd struct {
	named
	credentials
	Email    string      `placeholder:"ADDRESS" help:"Email address."`
	FullName string      `name:"full-name" placeholder:"NAME" help:"Full name."`
	Scopes   config.List `placeholder:"SCOPE,…" help:"What the account may be granted; nothing if empty (items:read,items:write)."`
	Disabled bool        `help:"Create the account disabled."`
}

// Run creates the account.
func (cmd userAdd) Run(ctx context.Context, streams Streams) error {
	email, fullName := optional(cmd.Email), optional(cmd.FullName)
	if err := errors.Join(auth.CheckUsername(cmd.Username), auth.CheckEmail(email), auth.CheckScopes(cmd.Scopes)); err != nil {
		return settingsError{err}
	}
	hash, err := cmd.hash(ctx, streams)
	if err != nil {
		return err
	}
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		user, err := db.CreateUser(ctx, models.NewUser{
			Username: cmd.Username, Email: email, FullName: fullName,
			HashedPassword: hash, Disabled: cmd.Disabled, Scopes: cmd.Scopes,
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(streams.Out, "Created %s.\n", user.Username)
		return err
	})
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type userList struct {
	config.Database
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists all accounts.
func (cmd userList) Run(ctx context.Context, streams Streams) error {
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		users, err := db.Users(ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(streams.Out, users)
		}
		return printUsers(streams.Out, users)
	})
}

type userShow struct {
	named
	JSON bool `name:"json" help:"Print JSON."`
}

// Run shows the account.
func (cmd userShow) Run(ctx context.Context, streams Streams) error {
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		account, err := cmd.account(ctx, db)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(streams.Out, account.User)
		}
		return printUser(streams.Out, account.User)
	})
}

type userDisable struct{ named }

// Run disables the account.
func (cmd userDisable) Run(ctx context.Context, streams Streams) error {
	return change(ctx, streams, cmd.named, "Disabled", func(db *store.Store) error {
		return db.SetDisabled(ctx, cmd.Username, true)
	})
}

type userEnable struct{ named }

// Run enables the account.
func (cmd userEnable) Run(ctx context.Context, streams Streams) error {
	return change(ctx, streams, cmd.named, "Enabled", func(db *store.Store) error {
		return db.SetDisabled(ctx, cmd.Username, false)
	})
}

type userDelete struct{ named }

// Run deletes the account.
func (cmd userDelete) Run(ctx context.Context, streams Streams) error {
	return change(ctx, streams, cmd.named, "Deleted", func(db *store.Store) error {
		return db.DeleteUser(ctx, cmd.Username)
	})
}

type userPassword struct {
	named
	credentials
}

// Run changes the password.
func (cmd userPassword) Run(ctx context.Context, streams Streams) error {
	return change(ctx, streams, cmd.named, "Changed the password of", func(db *store.Store) error {
		if _, err := cmd.account(ctx, db); err != nil { // before anybody is asked for a password
			return err
		}
		hash, err := cmd.hash(ctx, streams)
		if err != nil {
			return err
		}
		return db.SetPassword(ctx, cmd.Username, hash)
	})
}

type userScopes struct {
	named
	Scopes []string `arg:"" optional:"" help:"The scopes; none at all with --none. Without either they are shown."`
	None   bool     `help:"Allow the account no scope."`
}

// Run shows or sets the scopes.
func (cmd userScopes) Run(ctx context.Context, streams Streams) error {
	scopes, err := cmd.wanted()
	if err != nil {
		return settingsError{err}
	}
	if !cmd.None && len(scopes) == 0 {
		return cmd.show(ctx, streams)
	}
	return change(ctx, streams, cmd.named, "Changed the scopes of", func(db *store.Store) error {
		return db.SetScopes(ctx, cmd.Username, scopes)
	})
}

// wanted are the scopes that are asked for.
func (cmd userScopes) wanted() (scopes config.List, err error) {
	if cmd.None && len(cmd.Scopes) > 0 {
		return nil, errors.New("--none goes without scopes")
	}
	for _, arg := range cmd.Scopes {
		if err := scopes.UnmarshalText([]byte(arg)); err != nil {
			return nil, err
		}
	}
	return scopes, auth.CheckScopes(scopes)
}

func (cmd userScopes) show(ctx context.Context, streams Streams) error {
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		account, err := cmd.account(ctx, db)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(streams.Out, printable(strings.Join(account.Scopes, " ")))
		return err
	})
}

// change carries out a change of one account and says that it did.
func change(ctx context.Context, streams Streams, who named, done string, f func(*store.Store) error) error {
	return withStore(ctx, streams, who.Database, func(db *store.Store) error {
		if err := f(db); err != nil {
			return who.explain(err)
		}
		_, err := fmt.Fprintf(streams.Out, "%s %s.\n", done, printable(who.Username))
		return err
	})
}
