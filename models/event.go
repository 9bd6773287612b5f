package models

import (
	"slices"
	"time"
)

// EventKind says what happened to an account.
type EventKind string

// What the audit trail tells of.
const (
	EventLogin                EventKind = "login"
	EventLoginRefused         EventKind = "login_refused"
	EventLoginLimited         EventKind = "login_limited"
	EventTokenRefreshed       EventKind = "token_refreshed"
	EventRefreshTokenReused   EventKind = "refresh_token_reused"
	EventTokenRevoked         EventKind = "token_revoked"
	EventSessionEnded         EventKind = "session_ended"
	EventOtherSessionsEnded   EventKind = "other_sessions_ended"
	EventUserRegistered       EventKind = "user_registered"
	EventUserAdded            EventKind = "user_added"
	EventUserChanged          EventKind = "user_changed"
	EventUserDisabled         EventKind = "user_disabled"
	EventUserEnabled          EventKind = "user_enabled"
	EventScopesChanged        EventKind = "scopes_changed"
	EventUserDeleted          EventKind = "user_deleted"
	EventEmailVerified        EventKind = "email_verified"
	EventEmailChangeRequested EventKind = "email_change_requested"
	EventPasswordChanged      EventKind = "password_changed"
	EventPasswordRefused      EventKind = "password_refused"
	EventRecoveryMailSent     EventKind = "recovery_mail_sent"
	EventPasswordReset        EventKind = "password_reset"
)

// EventKinds are all kinds of event.
func EventKinds() []EventKind {
	return []EventKind{
		EventLogin, EventLoginRefused, EventLoginLimited, EventTokenRefreshed, EventRefreshTokenReused, EventTokenRevoked,
		EventSessionEnded, EventOtherSessionsEnded, EventUserRegistered, EventUserAdded, EventUserChanged,
		EventUserDisabled, EventUserEnabled, EventScopesChanged, EventUserDeleted, EventEmailVerified,
		EventEmailChangeRequested, EventPasswordChanged, EventPasswordRefused, EventRecoveryMailSent, EventPasswordReset,
	}
}

// Event is an entry of the audit trail. It keeps ids and names of users who
// are gone by now.
type Event struct {
	ID   string    `json:"id" validate:"required" format:"uuid" example:"019a84af-5607-7d02-99d1-f4b44f7858ea"`
	At   time.Time `json:"at" validate:"required" format:"date-time" example:"2026-01-02T15:04:05.123456Z"`
	Kind EventKind `json:"event" validate:"required" swaggertype:"string" enums:"login,login_refused,login_limited,token_refreshed,refresh_token_reused,token_revoked,session_ended,other_sessions_ended,user_registered,user_added,user_changed,user_disabled,user_enabled,scopes_changed,user_deleted,email_verified,email_change_requested,password_changed,password_refused,recovery_mail_sent,password_reset" example:"login"`
	// UserID is the account that it happened to; null where there is none of the name that was tried.
	UserID *string `json:"user_id" validate:"required" extensions:"x-nullable" example:"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f"`
	// Username is the name of that account at the time.
	Username *string `json:"username" validate:"required" extensions:"x-nullable" example:"johndoe"`
	// ActorID is the user who did it; null where nobody proved who they are.
	ActorID *string `json:"actor_id" validate:"required" extensions:"x-nullable" example:"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f"`
	// Actor is the name of who did it, which may be the command line.
	Actor *string `json:"actor" validate:"required" extensions:"x-nullable" example:"johndoe"`
	// SessionID is null where it was about no session.
	SessionID *string `json:"session_id" validate:"required" extensions:"x-nullable" format:"uuid" example:"019a84af-5607-7d02-99d1-f4b44f7858ea"`
	// ClientID is null where it was about no OAuth client.
	ClientID  *string `json:"client_id" validate:"required" extensions:"x-nullable" example:"anonymous"`
	Address   string  `json:"address" validate:"required" example:"203.0.113.7"`
	UserAgent string  `json:"user_agent" validate:"required" example:"Mozilla/5.0 (X11; Linux x86_64)"`
	// Detail says more, for a person: what changed, or why it was refused.
	Detail *string `json:"detail" validate:"required" extensions:"x-nullable" example:"items:read items:write"`
}

// NewEvent is an event that is to be recorded. Empty members are not known.
type NewEvent struct {
	Kind              EventKind
	UserID, Username  string
	ActorID, Actor    string
	SessionID, Client string
	Origin            Origin
	Detail            string
}

// Did is the event that the actor did something to that user.
func (a Actor) Did(kind EventKind, user User) NewEvent {
	e := NewEvent{Kind: kind, UserID: user.ID, Username: user.Username, Actor: a.Name, Origin: a.Origin}
	if a.Caller != nil {
		e.ActorID, e.Actor, e.SessionID = a.Caller.ID, a.Caller.Username, a.Caller.SessionID
	}
	return e
}

// Trail is what a change leaves behind, written in the transaction of the
// change: entries of the audit trail, and mails. Where it is about a user who
// is being created, the user's id is filled in.
type Trail struct {
	Events []NewEvent
	Mails  []NewMail
}

// About is the trail with the user filled in where it names none.
func (t Trail) About(user User) Trail {
	events, mails := slices.Clone(t.Events), slices.Clone(t.Mails)
	for i := range events {
		if events[i].UserID == "" {
			events[i].UserID, events[i].Username = user.ID, user.Username
		}
	}
	for i := range mails {
		if mails[i].UserID == "" {
			mails[i].UserID = user.ID
		}
	}
	return Trail{events, mails}
}

// EventPage is a page of the audit trail, the newest first.
type EventPage = Page[Event]

// EventQuery asks for a page of the audit trail. Empty members ask for all.
type EventQuery struct {
	PageQuery
	Username string
	Kind     EventKind
}

// CommandLine is the actor of what is done on the command line.
const CommandLine = "command line"
