// Package middleware is what a Gin application needs to know who calls it.
//
// It is made to be imported by applications with users and storage of their
// own: [CurrentUser] asks for one function that finds the user a token stands
// for, and nothing here knows where users are kept. The pieces are those of
// FastAPI's tutorial, and they combine as there:
//
//	OAuth2PasswordBearer   a bearer token has to be there; Token(c) is it
//	CurrentUser            … and it stands for a user; User[U](c) is that user
//	CurrentActiveUser      … who is not disabled
//	OptionalUser           there may be no token at all (auto_error=False)
//	RequireScopes          the token has to grant these scopes
//
// Refusals are answered as RFC 6750 §3 and FastAPI have it: a JSON body with
// detail, and a WWW-Authenticate header.
package middleware
