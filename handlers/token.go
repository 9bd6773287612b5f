package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

// token logs a user in.
//
//	@Summary		Log in
//	@Description	Exchanges a username and a password for an access token: the password grant of OAuth 2.0 (RFC 6749 §4.3).
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
//	@Failure		401		{object}	models.OAuthErrorAnswer				"The client's Authorization header is malformed"
//	@Header			401		{string}	WWW-Authenticate					"Basic"
//	@Failure		413		{object}	models.OAuthErrorAnswer				"The body is over 64 KiB"
//	@Failure		503		{object}	models.OAuthErrorAnswer				"Too many logins at once, or the database is away"
//	@Header			503		{integer}	Retry-After							"Seconds to wait before trying again"
//	@x-example-400	{"detail":"Incorrect username or password","error":"invalid_grant","error_description":"Incorrect username or password"}
//	@x-example-401	{"detail":"The Authorization header is malformed","error":"invalid_client","error_description":"The Authorization header is malformed"}
//	@x-example-413	{"detail":"Request body too large","error":"invalid_request","error_description":"Request body too large"}
//	@x-example-503	{"detail":"Too many logins at once, try again shortly","error":"temporarily_unavailable","error_description":"Too many logins at once, try again shortly"}
//	@Router			/token [post]
func (a *api) token(c *gin.Context) error {
	form, err := respond.OAuthForm[models.OAuth2PasswordRequestForm](c)
	if err != nil {
		return err
	}
	if err := identifyClient(c.Request, &form); err != nil {
		return err
	}
	token, err := a.auth.Token(c.Request.Context(), form)
	if err != nil {
		return err
	}
	return answer(c, token)
}

// identifyClient takes the client's id and secret from HTTP Basic (RFC 6749
// §2.3.1), if it is used. An empty user and password are no client: Swagger UI
// sends them.
func identifyClient(r *http.Request, form *models.OAuth2PasswordRequestForm) error {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return nil
	}
	id, secret, ok := r.BasicAuth()
	switch {
	case !ok:
		return malformedClient()
	case id == "" && secret == "":
		return nil
	case form.ClientSecret != "" || form.ClientID != "" && form.ClientID != unescape(id):
		return models.BadRequest(models.OAuthInvalidRequest, "The client is identified in more than one way")
	}
	form.ClientID, form.ClientSecret = unescape(id), unescape(secret)
	return nil
}

// unescape undoes the form encoding that RFC 6749 §2.3.1 asks of a client. Many
// do not know of it: what is not encoded stays as it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// malformedClient answers credentials that are not HTTP Basic's (RFC 6749 §5.2).
func malformedClient() error {
	return &models.Error{
		Kind: models.KindUnauthenticated, OAuth: models.OAuthInvalidClient,
		Detail: "The Authorization header is malformed", Challenge: "Basic",
	}
}
