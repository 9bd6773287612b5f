package models

import (
	"slices"
	"time"
)

// User is an account as its owner, an administrator and the API see it. It
// has no password hash: that is in Account only, which no handler meets.
type User struct {
	Username string `json:"username" validate:"required" example:"johndoe"`
	// Email is null where the user has none.
	Email *string `json:"email" validate:"required" extensions:"x-nullable" format:"email" example:"johndoe@example.com"`
	// FullName is null where the user has none.
	FullName *string `json:"full_name" validate:"required" extensions:"x-nullable" example:"John Doe"`
	// Disabled says that the user can log in, but that the tokens open nothing.
	Disabled bool `json:"disabled" validate:"required" example:"false"`
	// EmailVerified says that the user has proved to receive mail at Email.
	EmailVerified bool `json:"email_verified" validate:"required" example:"true"`
	// PendingEmail takes the place of Email once the user has proved to receive mail there; null where nothing is pending.
	PendingEmail *string `json:"pending_email" validate:"required" extensions:"x-nullable" format:"email" example:"john@example.org"`
	// Scopes are all that the user may be granted.
	Scopes []string `json:"scopes" validate:"required" example:"items:read,items:write"`
	// ID is the sub of the user's tokens; it never gets a second owner.
	ID        string    `json:"id" validate:"required" example:"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f"`
	CreatedAt time.Time `json:"created_at" validate:"required" format:"date-time" example:"2026-01-02T15:04:05.123456Z"`
}

// Subject is the user as access logs name them.
func (u User) Subject() string { return u.ID }

// Active reports whether the user's tokens open anything.
func (u User) Active() bool { return !u.Disabled }

// Administrator reports whether the user can administer the others.
func (u User) Administrator() bool { return !u.Disabled && slices.Contains(u.Scopes, ScopeUsersWrite) }

// Account is a user with what is needed to log in.
type Account struct {
	User
	HashedPassword string `json:"-"`
	// PasswordChangedAt is nil while the password is the first one.
	PasswordChangedAt *time.Time `json:"-"`
}

// NewUser is an account that is to be created.
type NewUser struct {
	Username       string
	Email          *string
	FullName       *string
	HashedPassword string
	Disabled       bool
	Scopes         []string // nil means DefaultScopes
	EmailVerified  bool
}

// UserPage is a page of users in the order of their names.
type UserPage = Page[User]

// UserQuery asks for a page of the users.
type UserQuery struct {
	PageQuery        // After is the folded name that the page before ended with
	Search    string // is in the username, the email or the full name; empty for all
}

// Scope is a permission that the service declares.
type Scope struct {
	Name        string
	Description string
}

// Scopes are all that the service declares, in the order in which they are
// listed to people. A scope that is not here can neither be granted nor given.
func Scopes() []Scope {
	return []Scope{
		{ScopeItemsRead, "Read your items"},
		{ScopeItemsWrite, "Create, change and delete your items"},
		{ScopeTokensIntrospect, "Ask what any token stands for"},
		{ScopeUsersRead, "See all users"},
		{ScopeUsersWrite, "Disable, change and delete users"},
		{ScopeAuditRead, "Read the audit trail"},
	}
}

// Names of the scopes.
const (
	ScopeItemsRead  = "items:read"
	ScopeItemsWrite = "items:write"

	ScopeTokensIntrospect = "tokens:introspect"

	ScopeUsersRead  = "users:read"
	ScopeUsersWrite = "users:write"

	ScopeAuditRead = "audit:read"
)

// DefaultScopes are those of a user about whom nobody said otherwise. The
// column's default in the users table says the same.
func DefaultScopes() []string { return []string{ScopeItemsRead, ScopeItemsWrite} }

// ScopeDeclared reports whether the service knows a scope of that name.
func ScopeDeclared(name string) bool {
	return slices.ContainsFunc(Scopes(), func(s Scope) bool { return s.Name == name })
}

// Declared are those of the scopes that the service declares: an SQL shell can
// give a user others, which mean nothing.
func Declared(scopes []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !ScopeDeclared(s) })
}

// ScopeNames are the names of all declared scopes.
func ScopeNames() []string {
	var names []string
	for _, s := range Scopes() {
		names = append(names, s.Name)
	}
	return names
}
