package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/middleware"
	"latchkey/models"
)

// token logs a user in.
//
//	@Summary		Log in
//	@Description	Exchanges a username and a password for an access token and a refresh token: the password grant of OAuth 2.0 (RFC 6749 §4.3).
//	@Description	With grant_type refresh_token, exchanges a refresh token for the next pair (§6); each works once. With client_credentials, a registered client gets a token of its own (§4.4).
//	@Description	The form is that of FastAPI's OAuth2PasswordRequestForm. Sent as multipart/form-data it works as well.
//	@ID				login
//	@Tags			auth
//	@Accept			x-www-form-urlencoded
//	@Produce		json
//	@Param			form	formData	models.OAuth2PasswordRequestForm	true	"Credentials"
//	@Success		200		{object}	models.TokenAnswer					"The token"
//	@Header			200		{string}	Cache-Control						"no-store"
//	@Header			200		{string}	Pragma								"no-cache"
//	@Failure		400		{object}	models.OAuthErrorAnswer				"The request, the credentials or the scope were refused"
//	@Failure		401		{object}	models.OAuthErrorAnswer				"The client did not prove who it is"
//	@Header			401		{string}	WWW-Authenticate					"Basic"
//	@Failure		413		{object}	models.OAuthErrorAnswer				"The body is over 64 KiB"
//	@Failure		429		{object}	models.OAuthErrorAnswer				"Too many wrong passwords"
//	@Header			429		{integer}	Retry-After							"Seconds to wait before trying again"
//	@Failure		503		{object}	models.OAuthErrorAnswer				"Too many logins at once, or the database is away"
//	@Header			503		{integer}	Retry-After							"Seconds to wait before trying again"
//	@x-example-400	{"detail":"Incorrect username or password","error":"invalid_grant","error_description":"Incorrect username or password"}
//	@x-example-401	{"detail":"Client authentication failed","error":"invalid_client","error_description":"Client authentication failed"}
//	@x-example-413	{"detail":"Request body too large","error":"invalid_request","error_description":"Request body too large"}
//	@x-example-429	{"detail":"Too many attempts, try again later","error":"temporarily_unavailable","error_description":"Too many attempts, try again later"}
//	@x-example-503	{"detail":"Too many logins at once, try again shortly","error":"temporarily_unavailable","error_description":"Too many logins at once, try again shortly"}
//	@Router			/token [post]
func (a *api) token(c *gin.Context) error {
	form, err := respond.OAuthForm[models.OAuth2PasswordRequestForm](c)
	if err != nil {
		return err
	}
	if err := clientFromBasic(c.Request, &form.ClientID, &form.ClientSecret); err != nil {
		return err
	}
	token, err := a.auth.Token(c.Request.Context(), form, origin(c))
	if err != nil {
		return err
	}
	return answer(c, token)
}

// revokeToken ends a token.
//
//	@Summary		Log out
//	@Description	Ends a token (RFC 7009): an access token by itself, a refresh token with its session and all tokens of it. It is no error if there is no such token.
//	@ID				revokeToken
//	@Tags			auth
//	@Accept			x-www-form-urlencoded
//	@Produce		json
//	@Param			form	formData	models.TokenForm	true	"The token"
//	@Success		200		"The token opens nothing any more"
//	@Failure		400		{object}	models.OAuthErrorAnswer	"The request was refused"
//	@x-example-400	{"detail":"The parameter token is missing","error":"invalid_request","error_description":"The parameter token is missing"}
//	@Failure		401		{object}	models.OAuthErrorAnswer	"The client did not prove who it is"
//	@x-example-401	{"detail":"Client authentication failed","error":"invalid_client","error_description":"Client authentication failed"}
//	@Header			401		{string}	WWW-Authenticate		"Basic"
//	@Failure		413		{object}	models.OAuthErrorAnswer	"The body is over 64 KiB"
//	@x-example-413	{"detail":"Request body too large","error":"invalid_request","error_description":"Request body too large"}
//	@Failure		503		{object}	models.OAuthErrorAnswer	"The database is away"
//	@x-example-503	{"detail":"The database is not available","error":"temporarily_unavailable","error_description":"The database is not available"}
//	@Header			503		{integer}	Retry-After				"Seconds to wait before trying again"
//	@Router			/token/revoke [post]
func (a *api) revokeToken(c *gin.Context) error {
	form, err := respond.OAuthForm[models.TokenForm](c)
	if err != nil {
		return err
	}
	if err := clientFromBasic(c.Request, &form.ClientID, &form.ClientSecret); err != nil {
		return err
	}
	if err := a.auth.Revoke(c.Request.Context(), form, origin(c)); err != nil {
		return err
	}
	c.Status(http.StatusOK)
	return nil
}

// introspectToken says what a token stands for.
//
//	@Summary		Introspect a token
//	@Description	Says what a token stands for (RFC 7662), to a registered client or to the bearer of a token with the scope tokens:introspect. Of a token that opens nothing, it says only that.
//	@ID				introspectToken
//	@Tags			auth
//	@Accept			x-www-form-urlencoded
//	@Produce		json
//	@Param			form	formData	models.TokenForm	true	"The token"
//	@Success		200		{object}	models.Introspection
//	@Failure		400		{object}	models.OAuthErrorAnswer	"The request was refused, or the user is disabled"
//	@x-example-400	{"detail":"The parameter token is missing","error":"invalid_request","error_description":"The parameter token is missing"}
//	@Failure		401		{object}	models.OAuthErrorAnswer	"Neither a client nor a bearer proved who it is"
//	@x-example-401	{"detail":"Client authentication failed","error":"invalid_client","error_description":"Client authentication failed"}
//	@Header			401		{string}	WWW-Authenticate		"Basic, or Bearer with the error if a token was sent"
//	@Failure		403		{object}	models.OAuthErrorAnswer	"The bearer's token lacks the scope"
//	@x-example-403	{"detail":"Not enough permissions","error":"insufficient_scope","error_description":"Not enough permissions"}
//	@Header			403		{string}	WWW-Authenticate		"Bearer, with the scope that is needed (RFC 6750)"
//	@Failure		413		{object}	models.OAuthErrorAnswer	"The body is over 64 KiB"
//	@x-example-413	{"detail":"Request body too large","error":"invalid_request","error_description":"Request body too large"}
//	@Failure		503		{object}	models.OAuthErrorAnswer	"The database is away"
//	@x-example-503	{"detail":"The database is not available","error":"temporarily_unavailable","error_description":"The database is not available"}
//	@Header			503		{integer}	Retry-After				"Seconds to wait before trying again"
//	@Security		OAuth2PasswordBearer[tokens:introspect]
//	@Router			/token/introspect [post]
func (a *api) introspectToken(c *gin.Context) error {
	form, err := respond.OAuthForm[models.TokenForm](c)
	if err != nil {
		return err
	}
	if err := clientFromBasic(c.Request, &form.ClientID, &form.ClientSecret); err != nil {
		return err
	}
	bearer, err := middleware.BearerToken(c.Request.Header)
	if err != nil {
		return err
	}
	if err := a.auth.AllowIntrospection(c.Request.Context(), form, bearer); err != nil {
		return err
	}
	found, err := a.auth.Introspect(c.Request.Context(), form.Token)
	if err != nil {
		return err
	}
	return answer(c, found)
}
