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
}

// SecureHeaders keeps browsers from guessing types and from showing the
// service in a frame, and from telling others which of its pages linked to them.
func SecureHeaders() gin.HandlerFunc {
	return func(c *gin.Context) {
		maps.Copy(c.Writer.Header(), secureHeaders)
	}
}
