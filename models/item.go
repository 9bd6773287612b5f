package models

import "time"

// Item is the example resource: something a user owns and nobody else sees.
type Item struct {
	ID    string `json:"id" validate:"required" format:"uuid" example:"019a84af-5607-7d02-99d1-f4b44f7858ea"`
	Title string `json:"title" validate:"required" example:"Brass key"`
	// Description is null where the item has none.
	Description *string   `json:"description" validate:"required" extensions:"x-nullable" example:"Opens the garden gate"`
	CreatedAt   time.Time `json:"created_at" validate:"required" format:"date-time" example:"2026-01-02T15:04:05.123456Z"`
	UpdatedAt   time.Time `json:"updated_at" validate:"required" format:"date-time" example:"2026-01-02T15:04:05.123456Z"`
}

// ItemPage is a page of the caller's items, oldest first.
type ItemPage = Page[Item]

// NewItem is the body that creates an item.
type NewItem struct {
	Title       string  `json:"title" validate:"required,text,min=1,max=200" minLength:"1" maxLength:"200" example:"Brass key"`
	Description *string `json:"description" validate:"omitempty,text,max=2000" maxLength:"2000" extensions:"x-nullable" example:"Opens the garden gate"`
}

// ItemChanges is the body that changes an item; what is absent stays.
type ItemChanges struct {
	Title Optional[string] `json:"title" validate:"text,min=1,max=200" swaggertype:"string" minLength:"1" maxLength:"200" example:"Brass key"`
	// Description can be removed with null.
	Description Optional[*string] `json:"description" validate:"omitempty,text,max=2000" swaggertype:"string" maxLength:"2000" extensions:"x-nullable" example:"Opens the garden gate"`
}
