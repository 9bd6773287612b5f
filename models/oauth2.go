package models

import (
	"slices"
	"strings"
)

// GrantPassword is the grant type of RFC 6749 §4.3.2.
const GrantPassword = "password"

// OAuth2PasswordRequestForm is the body of POST /token (RFC 6749 §4.3.2),
// named as in FastAPI's tutorial.
type OAuth2PasswordRequestForm struct {
	// GrantType absent or empty means password.
	GrantType string `form:"grant_type" enums:"password" default:"password" example:"password"`
	Username  string `form:"username" validate:"required" example:"johndoe"`
	Password  string `form:"password" validate:"required" format:"password" example:"secret"`
	// Scope asks for some of the user's scopes, separated by spaces; empty means all of them.
	Scope        string `form:"scope"`
	ClientID     string `form:"client_id"`
	ClientSecret string `form:"client_secret" format:"password"`
}

// Scopes are the scopes asked for, each once, in the order given; nil when
// none was.
func (f OAuth2PasswordRequestForm) Scopes() []string { return SplitScope(f.Scope) }

// TokenAnswer is a successful answer of POST /token (RFC 6749 §5.1).
type TokenAnswer struct {
	// AccessToken is a signed JWT in the profile of RFC 9068.
	AccessToken string `json:"access_token" validate:"required" example:"eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl"`
	TokenType   string `json:"token_type" validate:"required" enums:"bearer" example:"bearer"`
	// ExpiresIn is the access token's lifetime in seconds.
	ExpiresIn int `json:"expires_in" validate:"required" example:"1800"`
	// Scope is what was granted, separated by spaces.
	Scope string `json:"scope" validate:"required" example:"items:read items:write"`
}

// SplitScope reads a scope parameter (RFC 6749 §3.3): names separated by
// spaces, of which repeated ones count once.
func SplitScope(scope string) []string {
	var names []string
	for name := range strings.SplitSeq(scope, " ") {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
