package middleware

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

// OAuth2PasswordBearer lets only requests with a bearer token through, any
// token; [Token] is then what was sent. Without one the answer is 401
// "Not authenticated".
func OAuth2PasswordBearer() gin.HandlerFunc {
	return func(c *gin.Context) {
		if _, err := extract(c); err != nil {
			respond.Error(c, err)
		}
	}
}

// Token is the request's bearer token, empty where there is none.
func Token(c *gin.Context) string { return knownOf(c).token }

// extract takes the token from the request and keeps it for Token.
func extract(c *gin.Context) (string, error) {
	token, err := BearerToken(c.Request.Header)
	if err != nil {
		return "", err
	}
	if token == "" {
		return "", models.NotAuthenticated()
	}
	knownOf(c).token = token
	return token, nil
}

// BearerToken reads the token from the Authorization header (RFC 6750 §2.1);
// the scheme's case does not matter (RFC 9110 §11.1). It is empty where the
// header is absent, is of another scheme or has no token. The error is a 401
// invalid_token: there are several headers, or what follows the scheme is no
// token.
func BearerToken(header http.Header) (string, error) {
	values := header["Authorization"]
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", InvalidToken("There is more than one Authorization header", nil)
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.Trim(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", nil
	}
	if !isToken68(token) {
		return "", InvalidToken("The access token is malformed", nil)
	}
	return token, nil
}

// isToken68 checks the alphabet of a b64token (RFC 6750 §2.1): letters,
// digits, -._~+/ and = at the end.
func isToken68(token string) bool {
	body := strings.TrimRight(token, "=")
	return body != "" && isOf(body, &token68)
}

// alphabet says of each byte whether it belongs. A token is long and comes
// with every request, hence the table.
type alphabet [256]bool

var (
	token68   = newAlphabet("-._~+/")
	idLetters = newAlphabet("-._")
)

// newAlphabet has ASCII's letters and digits, and those others.
func newAlphabet(others string) (a alphabet) {
	for b := range a {
		r := rune(b)
		a[b] = 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(others, r)
	}
	return a
}

func isOf(s string, a *alphabet) bool {
	for i := range len(s) {
		if !a[s[i]] {
			return false
		}
	}
	return true
}
