package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/rules"
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

// do does something to the account and says so. Unlike in the API, the last
// administrator may go: whoever has the database can make another.
func (n named) do(ctx context.Context, streams Streams, done string, f func(*store.Store, models.Account) error) error {
	return withStore(ctx, streams, n.Database, func(db *store.Store) error {
		account, err := n.account(ctx, db)
		if err != nil {
			return err
		}
		if err := f(db, account); err != nil {
			return n.explain(err)
		}
		if err := warnOfNoAdministrator(ctx, streams, db, account.User); err != nil {
			return err
		}
		_, err = fmt.Fprintf(streams.Out, "%s %s.\n", done, printable(n.Username))
		return err
	})
}

// change changes the account and says so.
func (n named) change(ctx context.Context, streams Streams, done string, kind models.EventKind, f func(*models.User)) error {
	return n.do(ctx, streams, done, func(db *store.Store, _ models.Account) error {
		_, err := db.ChangeUser(ctx, n.Username, false, func(user models.User) (models.User, models.Trail, error) {
			f(&user)
			detail := ""
			if kind == models.EventScopesChanged {
				detail = strings.Join(user.Scopes, " ")
			}
			return user, trail(kind, user, detail), nil
		})
		return err
	})
}

// warnOfNoAdministrator says that the account was the last one that could
// administer the others, if it was.
func warnOfNoAdministrator(ctx context.Context, streams Streams, db *store.Store, before models.User) error {
	if !before.Administrator() {
		return nil
	}
	some, err := db.HasAdministrator(ctx)
	if err == nil && !some {
		fmt.Fprintf(streams.Err, "latchkey: nobody can administer the users by the API any more; "+
			"latchkey user scopes NAME … %s lets an account do so\n", models.ScopeUsersWrite)
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
	user, err := cmd.user()
	if err != nil {
		return settingsError{err}
	}
	if user.HashedPassword, err = cmd.hash(ctx, streams, cmd.Username, cmd.Email); err != nil {
		return err
	}
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		created, err := db.CreateUser(ctx, user, trail(models.EventUserAdded, models.User{}, ""))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(streams.Out, "Created %s.\n", created.Username)
		return err
	})
}

// user is the account without a password, as it is kept.
func (cmd userAdd) user() (models.NewUser, error) {
	username, errUsername := rules.Username(cmd.Username)
	email, errEmail := kept(cmd.Email, rules.Email)
	fullName, errFullName := kept(cmd.FullName, rules.FullName)
	return models.NewUser{
		Username: username, Email: email, FullName: fullName, Disabled: cmd.Disabled, Scopes: cmd.Scopes,
	}, errors.Join(errUsername, errEmail, errFullName, auth.CheckScopes(cmd.Scopes))
}

// kept is what is kept of a flag that may be empty.
func kept(value string, rule func(string) (string, error)) (*string, error) {
	if value == "" {
		return nil, nil //nolint:nilnil // there is none, and that is fine
	}
	value, err := rule(value)
	return &value, err
}

// trail is that of what is done on the command line.
func trail(kind models.EventKind, user models.User, detail string, mails ...models.NewMail) models.Trail {
	event := models.Actor{Name: models.CommandLine}.Did(kind, user)
	event.Detail = detail
	return models.Trail{Events: []models.NewEvent{event}, Mails: mails}
}

type userList struct {
	config.Database
	Search string `placeholder:"TEXT" help:"Only those with this in their username, email or full name."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists all accounts.
func (cmd userList) Run(ctx context.Context, streams Streams) error {
	return withStore(ctx, streams, cmd.Database, func(db *store.Store) error {
		users, err := everyUser(ctx, db, cmd.Search)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printJSON(streams.Out, users)
		}
		return printUsers(streams.Out, users)
	})
}

// everyUser reads all pages of the list.
func everyUser(ctx context.Context, db *store.Store, search string) ([]models.User, error) {
	users := []models.User{}
	query := models.UserQuery{PageQuery: models.PageQuery{Limit: models.MaxPageLimit}, Search: search}
	for {
		page, err := db.Users(ctx, query)
		if err != nil {
			return nil, err
		}
		users = append(users, page.Data...)
		if page.Next == nil {
			return users, nil
		}
		query.After, _ = models.ReadNameCursor(*page.Next)
	}
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
	return cmd.change(ctx, streams, "Disabled", models.EventUserDisabled, func(u *models.User) { u.Disabled = true })
}

type userEnable struct{ named }

// Run enables the account.
func (cmd userEnable) Run(ctx context.Context, streams Streams) error {
	return cmd.change(ctx, streams, "Enabled", models.EventUserEnabled, func(u *models.User) { u.Disabled = false })
}

type userDelete struct{ named }

// Run deletes the account.
func (cmd userDelete) Run(ctx context.Context, streams Streams) error {
	return cmd.do(ctx, streams, "Deleted", func(db *store.Store, account models.Account) error {
		return db.DeleteUser(ctx, account.ID, false, trail(models.EventUserDeleted, account.User, ""))
	})
}

type userPassword struct {
	named
	credentials
}

// Run changes the password.
func (cmd userPassword) Run(ctx context.Context, streams Streams) error {
	return cmd.do(ctx, streams, "Changed the password of", func(db *store.Store, account models.Account) error {
		var told []models.NewMail
		about := []string{account.Username}
		if account.Email != nil {
			about = append(about, *account.Email)
			told = []models.NewMail{{Kind: models.MailPasswordChanged, To: *account.Email, UserID: account.ID}}
		}
		hash, err := cmd.hash(ctx, streams, about...)
		if err != nil {
			return err
		}
		return db.ChangePassword(ctx, account.ID, models.NewPassword{From: account.HashedPassword, To: hash},
			trail(models.EventPasswordChanged, account.User, "", told...))
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
	return cmd.change(ctx, streams, "Changed the scopes of", models.EventScopesChanged,
		func(u *models.User) { u.Scopes = append([]string{}, scopes...) })
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
