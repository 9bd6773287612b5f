// Package respond is the one place where an error becomes an HTTP answer and
// where a body, a form or a query is bound and validated.
package respond

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// StatusClientClosedRequest is what the log shows for a client that left
// before its answer. One that closed only its sending side, which net/http
// cannot tell from that, receives it.
const StatusClientClosedRequest = 499

var statuses = map[models.Kind]int{
	models.KindBadRequest:       http.StatusBadRequest,
	models.KindInvalid:          http.StatusUnprocessableEntity,
	models.KindUnauthenticated:  http.StatusUnauthorized,
	models.KindForbidden:        http.StatusForbidden,
	models.KindNotFound:         http.StatusNotFound,
	models.KindMethodNotAllowed: http.StatusMethodNotAllowed,
	models.KindConflict:         http.StatusConflict,
	models.KindTooLarge:         http.StatusRequestEntityTooLarge,
	models.KindTooManyRequests:  http.StatusTooManyRequests,
	models.KindUnavailable:      http.StatusServiceUnavailable,
}

// Error ends the request with err's answer. An error that is not a
// models.Error is a bare 500; the access log has its text.
func Error(c *gin.Context, err error) {
	status, e := begin(c, err)
	if e.Kind == models.KindInvalid {
		c.AbortWithStatusJSON(status, models.ValidationErrorAnswer{Detail: e.Fields})
		return
	}
	c.AbortWithStatusJSON(status, models.ErrorAnswer{Detail: e.Detail})
}

// OAuthError ends a request to an OAuth endpoint with err's answer in the
// shape of RFC 6749 §5.2.
func OAuthError(c *gin.Context, err error) {
	status, e := begin(c, err)
	c.AbortWithStatusJSON(status, models.OAuthErrorAnswer{
		Detail: e.Detail, Error: oauthCode(status, e), ErrorDescription: e.Detail,
	})
}

// oauthCode is e's code, or the broadest one for its status.
func oauthCode(status int, e *models.Error) string {
	switch {
	case e.OAuth != "":
		return e.OAuth
	case status < http.StatusInternalServerError:
		return models.OAuthInvalidRequest
	default:
		return models.OAuthServerError
	}
}

// begin leaves err for the access log and sets what every answer shares.
func begin(c *gin.Context, err error) (status int, e *models.Error) {
	_ = c.Error(err)
	forgetBody(c.Writer.Header())
	e, ok := errors.AsType[*models.Error](err)
	if gone := c.Request.Context().Err() != nil; gone && (!ok || e.Kind == models.KindUnavailable) {
		return StatusClientClosedRequest, &models.Error{Detail: "Client Closed Request"}
	}
	if ok {
		status, ok = statuses[e.Kind]
	}
	if !ok {
		return http.StatusInternalServerError, &models.Error{Detail: http.StatusText(http.StatusInternalServerError)}
	}
	if e.Challenge != "" {
		c.Header("WWW-Authenticate", e.Challenge)
	}
	if e.RetryAfter > 0 {
		c.Header("Retry-After", retryAfter(e.RetryAfter))
	}
	return status, e
}

// forgetBody takes back what a handler said of the body that it did not come
// to send.
func forgetBody(header http.Header) {
	header.Del("Content-Type")
	header.Del("Content-Length")
	header.Del("Content-Encoding")
}

// retryAfter is d in whole seconds, rounded up (RFC 9110 §10.2.3).
func retryAfter(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
