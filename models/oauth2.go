package models

import (
	"slices"
	"strings"
)

// The grant types of POST /token.
const (
	GrantPassword          = "password"           // RFC 6749 §4.3.2
	GrantRefreshToken      = "refresh_token"      // RFC 6749 §6
	GrantClientCredentials = "client_credentials" // RFC 6749 §4.4.2
)

// OAuth2PasswordRequestForm is the body of POST /token, named as in FastAPI's
// tutorial. Which members are needed depends on the grant type.
type OAuth2PasswordRequestForm struct {
	// GrantType absent or empty means password.
	GrantType string `form:"grant_type" enums:"password,refresh_token,client_credentials" default:"password" example:"password"`
	// Username is needed for the password grant.
	Username string `form:"username" example:"johndoe"`
	// Password is needed for the password grant.
	Password string `form:"password" format:"password" example:"secret"`
	// RefreshToken is needed for the refresh_token grant.
	RefreshToken string `form:"refresh_token" format:"password"`
	// Scope asks for some of the scopes that are allowed, separated by spaces; empty means all of them.
	Scope string `form:"scope"`
	// ClientID may be sent by HTTP Basic instead, with the secret. While no client is registered it is free text.
	ClientID string `form:"client_id"`
	// ClientSecret is a registered client's.
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
	// RefreshToken gets the next access token, once; the next refresh token comes with it.
	// The client_credentials grant has none.
	RefreshToken string `json:"refresh_token,omitempty" example:"bPzB6cmOErZ7G2nnAhyPZCpoAEOJ0EtHIbpn6FiiV1c"`
	// Scope is what was granted, separated by spaces.
	Scope string `json:"scope" validate:"required" example:"items:read items:write"`
}

// TokenForm is the body of POST /token/revoke (RFC 7009 §2.1) and POST
// /token/introspect (RFC 7662 §2.1).
type TokenForm struct {
	Token string `form:"token" validate:"required" format:"password"`
	// TokenTypeHint is taken, and not needed.
	TokenTypeHint string `form:"token_type_hint"`
	// ClientID may be sent by HTTP Basic instead, with the secret.
	ClientID string `form:"client_id"`
	// ClientSecret is a registered client's.
	ClientSecret string `form:"client_secret" format:"password"`
}

// Introspection is what a token stands for (RFC 7662 §2.2). Of a token that
// opens nothing only Active is told.
type Introspection struct {
	Active    bool   `json:"active" validate:"required" example:"true"`
	Scope     string `json:"scope,omitempty" example:"items:read items:write"`
	ClientID  string `json:"client_id,omitempty" example:"anonymous"`
	Username  string `json:"username,omitempty" example:"johndoe"`
	TokenType string `json:"token_type,omitempty" enums:"bearer" example:"bearer"`
	ExpiresAt int64  `json:"exp,omitempty" format:"int64" example:"1767369845"`
	IssuedAt  int64  `json:"iat,omitempty" format:"int64" example:"1767368045"`
	Subject   string `json:"sub,omitempty" example:"3f0c1d5e8b7a4c2f9e6d1a0b5c4d3e2f"`
	Audience  string `json:"aud,omitempty" example:"http://127.0.0.1:8000"`
	Issuer    string `json:"iss,omitempty" example:"http://127.0.0.1:8000"`
	ID        string `json:"jti,omitempty" example:"6XXBXZFOHERDGZ6GGS7S6VLZCZ"`
}

// ServerMetadata describes the service to OAuth clients (RFC 8414 §2).
type ServerMetadata struct {
	Issuer                 string   `json:"issuer" validate:"required" example:"http://127.0.0.1:8000"`
	TokenEndpoint          string   `json:"token_endpoint" validate:"required" example:"http://127.0.0.1:8000/token"`
	RevocationEndpoint     string   `json:"revocation_endpoint" validate:"required" example:"http://127.0.0.1:8000/token/revoke"`
	IntrospectionEndpoint  string   `json:"introspection_endpoint" validate:"required" example:"http://127.0.0.1:8000/token/introspect"`
	JWKSURI                string   `json:"jwks_uri" validate:"required" example:"http://127.0.0.1:8000/.well-known/jwks.json"`
	ServiceDocumentation   string   `json:"service_documentation" validate:"required" example:"http://127.0.0.1:8000/docs"`
	ScopesSupported        []string `json:"scopes_supported" validate:"required" example:"items:read,items:write"`
	ResponseTypesSupported []string `json:"response_types_supported" validate:"required"`
	GrantTypesSupported    []string `json:"grant_types_supported" validate:"required" example:"password,refresh_token,client_credentials"`
	TokenAuthMethods       []string `json:"token_endpoint_auth_methods_supported" validate:"required" example:"none,client_secret_basic,client_secret_post"`
	RevocationAuthMethods  []string `json:"revocation_endpoint_auth_methods_supported" validate:"required" example:"none,client_secret_basic,client_secret_post"`
	IntrospectAuthMethods  []string `json:"introspection_endpoint_auth_methods_supported" validate:"required" example:"client_secret_basic,client_secret_post"`
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
