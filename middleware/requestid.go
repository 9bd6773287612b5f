package middleware

import (
	"crypto/rand"

	"github.com/gin-gonic/gin"
)

// RequestIDHeader carries the request's id, in both directions.
const RequestIDHeader = "X-Request-Id"

const maxRequestID = 64

// RequestID gives every request an id, which the answer and the log carry.
// An id that the caller sends is taken over if it is 1 to 64 letters, digits,
// dashes, dots or underscores.
func RequestID() gin.HandlerFunc {
	return func(c *gin.Context) {
		id := c.GetHeader(RequestIDHeader)
		if !plainID(id) {
			id = rand.Text()
		}
		c.Set(requestIDKey, id)
		c.Header(RequestIDHeader, id)
	}
}

func plainID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for _, r := range id {
		if notToken68(r) || r == '~' || r == '+' || r == '/' {
			return false
		}
	}
	return true
}
