package middleware

import "github.com/gin-gonic/gin"

// SecureHeaders keeps browsers from guessing types and from showing the
// service in a frame, and from telling others which of its pages linked to them.
func SecureHeaders() gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("X-Content-Type-Options", "nosniff")
		c.Header("X-Frame-Options", "DENY")
		c.Header("Referrer-Policy", "no-referrer")
	}
}
