package models

import "time"

// Session is one login of a user's: where, and for how long.
type Session struct {
	ID        string    `json:"id" validate:"required" format:"uuid" example:"019a84af-5607-7d02-99d1-f4b44f7858ea"`
	CreatedAt time.Time `json:"created_at" validate:"required" format:"date-time" example:"2026-01-02T15:04:05.123456Z"`
	// LastUsedAt is when the session last got a token.
	LastUsedAt time.Time `json:"last_used_at" validate:"required" format:"date-time" example:"2026-01-02T15:04:05.123456Z"`
	// ExpiresAt is when it ends, however much it is used.
	ExpiresAt time.Time `json:"expires_at" validate:"required" format:"date-time" example:"2026-02-01T15:04:05.123456Z"`
	UserAgent string    `json:"user_agent" validate:"required" example:"Mozilla/5.0 (X11; Linux x86_64)"`
	Address   string    `json:"address" validate:"required" example:"203.0.113.7"`
	// ClientID is the OAuth client that logged in.
	ClientID string `json:"client_id" validate:"required" example:"anonymous"`
	// Current marks the session that the request's own token is of.
	Current bool `json:"current" validate:"required" example:"true"`
}

// NewSession is a session that is to begin.
type NewSession struct {
	UserID         string
	Username       string
	HashedPassword string // what the user's password was verified by
	ClientID       string
	Scopes         []string
	Origin         Origin
	ExpiresAt      time.Time
	RefreshHash    string
}

// Origin is where a request came from, as far as it says.
type Origin struct {
	UserAgent string
	Address   string
}

// Actor is who does something, and from where.
type Actor struct {
	Caller *Caller // nil where nobody has proved who they are
	Name   string  // who it is if not a user, such as CommandLine
	Origin Origin
}

// RefreshGrant is what a refresh token stands for.
type RefreshGrant struct {
	SessionID string
	ClientID  string
	Scopes    []string // of the session, not of the last access token
	ExpiresAt time.Time
	Used      bool // it was exchanged for its successor
	Account   Account
}

// Trail is that of something that the token's holder did.
func (g RefreshGrant) Trail(kind EventKind, origin Origin) Trail {
	return Trail{Events: []NewEvent{{
		Kind: kind, UserID: g.Account.ID, Username: g.Account.Username, SessionID: g.SessionID, Client: g.ClientID, Origin: origin,
	}}}
}

// Client is a registered OAuth client.
type Client struct {
	ID           string
	Subject      string // the sub of its own tokens; it never gets a second owner
	HashedSecret string
	Scopes       []string // what it may be granted for itself
	CreatedAt    time.Time
}

// Changes are what has changed in the database since some position.
type Changes struct {
	Subjects []string // the ids of users, sessions and tokens: what is remembered of them is out of date
	Position string   // where to go on from
	Gap      bool     // there may be changes that are not among them, so everything is out of date
}

// SessionPage is a page of the sessions of a user, the newest first.
type SessionPage = Page[Session]
