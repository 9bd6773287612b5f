package models

import (
	"encoding/json"
	"sync"
	"time"
)

// Caller is whom an access token stands for.
type Caller struct {
	User
	Scopes    []string // what the token grants and the user still has
	SessionID string
	TokenID   string
	ExpiresAt time.Time // of the token

	encode sync.Once
	json   []byte
	err    error
}

// UserJSON is the user in JSON. A caller is remembered for many requests, most
// of which ask for this: it is encoded once.
func (c *Caller) UserJSON() ([]byte, error) {
	c.encode.Do(func() { c.json, c.err = json.Marshal(c.User) })
	return c.json, c.err
}
