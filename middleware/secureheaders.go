package middleware

import (
	"maps"

	"github.com/gin-gonic/gin"
)

// secureHeaders are shared by all answers: nobody may write into the values.
var secureHeaders = map[string][]string{
	"X-Content-Type-Options": {"nosniff"},
	"X-Frame-Options":        {"DENY"},
	"Referrer-Policy":        {"no-referrer"},
	// An answer that is no page has nothing to load, nor to be shown in.
	"Content-Security-Policy": {"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
}

// SecureHeaders keeps browsers from guessing types, from showing the service in
// a frame or running anything in its answers, and from telling others which of
// its pages linked to them. The handler of a page sets a Content-Security-Policy
// of its own in place of this one.
func SecureHeaders() gin.HandlerFunc {
	return func(c *gin.Context) {
		maps.Copy(c.Writer.Header(), secureHeaders)
	}
}
