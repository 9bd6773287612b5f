package models

import (
	"bytes"
	"encoding/base64"
	"unicode/utf8"

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
	return newPage(entries, limit, func(last T) string { return writeCursor(id(last)) })
}

// NewPageByName is as NewPage, for a list that is sorted by some text.
func NewPageByName[T any](entries []T, limit int, name func(T) string) Page[T] {
	return newPage(entries, limit, func(last T) string { return base64.RawURLEncoding.EncodeToString([]byte(name(last))) })
}

func newPage[T any](entries []T, limit int, cursor func(T) string) Page[T] {
	if len(entries) <= limit {
		return Page[T]{Data: entries}
	}
	next := cursor(entries[limit-1])
	return Page[T]{Data: entries[:limit], Next: &next}
}

// PageQuery asks for a page of a list.
type PageQuery struct {
	Limit int    // how many entries, 1 to MaxPageLimit
	After string // the id or name that the page before ended with; empty for the first
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

// ReadCursor is the id in the Page.Next of NewPage; ok is false for what no
// page gave.
func ReadCursor(cursor string) (id string, ok bool) {
	packed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(packed) != len(uuid.Nil) {
		return "", false
	}
	id = uuid.UUID(packed).String()
	return id, writeCursor(id) == cursor // base64 has other spellings of it
}

// ReadNameCursor is the name in the Page.Next of NewPageByName; ok is false
// for what cannot be one.
func ReadNameCursor(cursor string) (name string, ok bool) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return "", false
	}
	return string(text), true
}
