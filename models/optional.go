package models

import (
	"encoding/json"
	"reflect"
)

// Optional tells a member that is absent from one that is null: only a
// present one is Set. Null is refused unless T is a pointer.
type Optional[T any] struct {
	Value T
	Set   bool
}

// UnmarshalJSON implements json.Unmarshaler; it is called for null as well.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if t := reflect.TypeFor[T](); string(data) == "null" && t.Kind() != reflect.Pointer {
		return &json.UnmarshalTypeError{Value: "null", Type: t}
	}
	o.Set = true
	return json.Unmarshal(data, &o.Value)
}

// ValidationValue is what the rules of the member apply to.
func (o Optional[T]) ValidationValue() any { return o.Value }
