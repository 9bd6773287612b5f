package middleware

import (
	"math/rand/v2"
	"strconv"

	"github.com/gin-gonic/gin"
)

// RequestIDHeader carries the request's id, in both directions.
const RequestIDHeader = "X-Request-Id"

const maxRequestID = 64

// RequestID gives every request an id, which the answer and the log carry. It
// tells requests apart and is no secret. One that the caller sends is taken
// over if it is 1 to 64 letters, digits, dashes, dots or underscores.
func RequestID() gin.HandlerFunc {
	return func(c *gin.Context) {
		id := c.GetHeader(RequestIDHeader)
		if !plainID(id) {
			id = strconv.FormatUint(rand.Uint64(), 36) //nolint:gosec // it is no secret
		}
		knownOf(c).requestID = id
		c.Header(RequestIDHeader, id)
	}
}

func plainID(id string) bool {
	return id != "" && len(id) <= maxRequestID && isOf(id, &idLetters)
}
