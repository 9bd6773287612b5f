package respond

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"

	"latchkey/models"
)

// rules checks validate tags. Beside validator's own there is text: a string
// that every engine can store, that is, without NUL.
var rules = newRules()

// optional is models.Optional of any type.
type optional interface{ ValidationValue() any }

func newRules() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(wireName)
	v.RegisterCustomTypeFunc(func(field reflect.Value) any {
		o, _ := reflect.TypeAssert[optional](field)
		return o.ValidationValue()
	}, models.Optional[string]{}, models.Optional[*string]{}, models.Optional[bool]{}, models.Optional[[]string]{})
	err := v.RegisterValidation("text", func(fl validator.FieldLevel) bool {
		return !strings.ContainsRune(fl.Field().String(), 0)
	})
	if err != nil {
		panic(err) //nolint:forbidigo // the tag's name is a constant that validator takes
	}
	return v
}

// check applies the rules to the members that are there and have no fault yet.
func check(v any, members map[string]json.RawMessage, known []models.FieldError) []models.FieldError {
	broken, _ := errors.AsType[validator.ValidationErrors](rules.Struct(v))
	var faults []models.FieldError
	for _, b := range broken {
		_, present := members[b.Field()]
		if present && !slices.ContainsFunc(known, func(f models.FieldError) bool { return f.Loc[len(f.Loc)-1] == b.Field() }) {
			faults = append(faults, ruleFault(b))
		}
	}
	return faults
}

// ruleFault says in Pydantic's words which rule was broken.
func ruleFault(b validator.FieldError) models.FieldError {
	loc := []any{"body", b.Field()}
	switch b.Tag() {
	case "required": // present, else it were missing: so it is empty
		return fault("string_too_short", "String should have at least 1 character", loc...)
	case "min":
		return fault("string_too_short", "String should have at least "+characters(b.Param()), loc...)
	case "max":
		return fault("string_too_long", "String should have at most "+characters(b.Param()), loc...)
	case "text":
		return fault("value_error", "Value error, NUL characters are not allowed", loc...)
	default:
		return fault("value_error", "Value error, not a valid "+b.Tag(), loc...)
	}
}

func characters(n string) string {
	if n == "1" {
		return "1 character"
	}
	return n + " characters"
}

// typeFault says in Pydantic's words what a member should have been.
func typeFault(t reflect.Type, loc ...any) models.FieldError {
	switch valueKind(t) {
	case reflect.String:
		return fault("string_type", "Input should be a valid string", loc...)
	case reflect.Bool:
		return fault("bool_type", "Input should be a valid boolean", loc...)
	case reflect.Slice:
		return fault("list_type", "Input should be a valid list", loc...)
	default:
		return fault("value_error", "Value error, of the wrong type", loc...)
	}
}

// valueKind looks through pointers and models.Optional.
func valueKind(t reflect.Type) reflect.Kind {
	for {
		switch {
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		case t.Implements(reflect.TypeFor[optional]()):
			t = t.Field(0).Type
		default:
			return t.Kind()
		}
	}
}

func fault(kind, msg string, loc ...any) models.FieldError {
	return models.FieldError{Type: kind, Loc: loc, Msg: msg}
}

// wireName is a field's name in JSON.
func wireName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func required(field reflect.StructField) bool {
	return slices.Contains(strings.Split(field.Tag.Get("validate"), ","), "required")
}
