package middleware

import "github.com/gin-gonic/gin"

// known is what the middleware has found out about a request. It is one
// value, so that a request costs one entry in Gin's map of keys.
type known struct {
	requestID string
	token     string
	user      any
	scopes    []string
	subject   string
}

type knownKey struct{}

// knownOf is what is known of the request, to be read and written.
func knownOf(c *gin.Context) *known {
	if value, ok := c.Get(knownKey{}); ok {
		k, _ := value.(*known)
		return k
	}
	k := new(known)
	c.Set(knownKey{}, k)
	return k
}
