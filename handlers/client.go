package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"latchkey/models"
)

// clientFromBasic takes the client's id and secret from HTTP Basic (RFC 6749
// §2.3.1), if it is used. An empty user and password are no client: Swagger UI
// sends them.
func clientFromBasic(r *http.Request, clientID, clientSecret *string) error {
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") || strings.TrimSpace(credentials) == "" {
		return nil
	}
	id, secret, ok := r.BasicAuth()
	switch {
	case !ok:
		return malformedClient()
	case id == "" && secret == "":
		return nil
	case *clientSecret != "" || *clientID != "" && *clientID != unescape(id):
		return models.BadRequest(models.OAuthInvalidRequest, "The client is identified in more than one way")
	}
	*clientID, *clientSecret = unescape(id), unescape(secret)
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
