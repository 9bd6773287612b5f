package models

import (
	"encoding/base64"

	"github.com/google/uuid"
)

// Page is one page of a list.
type Page[T any] struct {
	Data []T `json:"data" validate:"required"`
	// Next is the cursor of the page that follows, null on the last one.
	Next *string `json:"next" validate:"required" extensions:"x-nullable" example:"AZqEr1YHfQKZ0fS0T3hY6g"`
}

// NewPage is the page of the first limit entries; one more of them says that
// another page follows. id is the UUID that the list is sorted by.
func NewPage[T any](entries []T, limit int, id func(T) string) Page[T] {
	if len(entries) <= limit {
		return Page[T]{Data: entries}
	}
	next := writeCursor(id(entries[limit-1]))
	return Page[T]{Data: entries[:limit], Next: &next}
}

// PageQuery asks for a page of a list.
type PageQuery struct {
	Limit int    // how many entries, 1 to MaxPageLimit
	After string // the id that the page before ended with; empty for the first
}

// Limits of PageQuery.Limit.
const (
	DefaultPageLimit = 20
	MaxPageLimit     = 100
)

// writeCursor packs the id that a page ends with.
func writeCursor(id string) string {
	packed := uuid.MustParse(id)
	return base64.RawURLEncoding.EncodeToString(packed[:])
}

// ReadCursor is the id in a Page.Next; ok is false for what no page gave.
func ReadCursor(cursor string) (id string, ok bool) {
	packed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(packed) != len(uuid.Nil) {
		return "", false
	}
	id = uuid.UUID(packed).String()
	return id, writeCursor(id) == cursor // base64 has other spellings of it
}
