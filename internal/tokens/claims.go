package tokens

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/jwt"
)

// Claims is what an access token says.
type Claims struct {
	Subject   string    // who the token stands for
	ClientID  string    // the OAuth client it was given to (RFC 8693 §4.3)
	SessionID string    // the session it is of; empty if none
	ID        string    // names this token and no other; what a revocation goes by
	Scopes    []string  // what it allows; empty, never nil, when nothing
	IssuedAt  time.Time // UTC, whole seconds
	ExpiresAt time.Time // UTC, whole seconds; at this instant the token is dead
}

// payload is the JSON of the claims (RFC 9068 §2.2).
type payload struct {
	jwt.Claims
	ClientID string `json:"client_id,omitempty"`
	// SessionID is the registered claim of OpenID Connect Front-Channel Logout 1.0 §3.
	SessionID string `json:"sid,omitempty"`
	// Scope is left out rather than empty: RFC 6749 §3.3 knows no empty scope.
	Scope string `json:"scope,omitempty"`
}

// claims gives the payload in the words of the domain. It needs iat and exp.
func (p *payload) claims() Claims {
	return Claims{
		Subject:   p.Subject,
		ClientID:  p.ClientID,
		SessionID: p.SessionID,
		ID:        p.ID,
		Scopes:    strings.Fields(p.Scope),
		IssuedAt:  p.IssuedAt.Time().UTC(),
		ExpiresAt: p.Expiry.Time().UTC(),
	}
}

// checkGrant refuses what a token could not carry faithfully: JSON turns bytes
// that are not UTF-8 into U+FFFD, which would make two subjects one, and a
// scope with a space in it would be read back as two.
func checkGrant(g Grant) error {
	for _, name := range []string{g.Subject, g.ClientID} {
		if name == "" || !utf8.ValidString(name) {
			return errors.New("subject and client id must be UTF-8 and not empty")
		}
	}
	for _, scope := range g.Scopes {
		if !isScopeToken(scope) {
			return fmt.Errorf("%q is not a scope", scope)
		}
	}
	return nil
}

// isScopeToken reports whether s is a scope-token of RFC 6749 §3.3.
func isScopeToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}
