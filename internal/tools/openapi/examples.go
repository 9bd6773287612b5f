package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// exampleNote and a status name the annotation with which a handler says what
// its answer of that status looks like: @x-example-404 {"detail":"…"}.
const exampleNote = "x-example-"

// giveExamples gives every answer in JSON an example: the handler's own, or
// else one made of the examples of its members. An error needs one of its
// own, for its members' examples tell of another error.
func giveExamples(doc *openapi3.T) error {
	for name, operation := range operations(doc) {
		for status, response := range operation.Responses.Map() {
			if err := giveExample(operation, status, response.Value.Content[inJSON]); err != nil {
				return fmt.Errorf("%s, status %s: %w", name, status, err)
			}
		}
		for note := range operation.Extensions {
			status, ok := strings.CutPrefix(note, exampleNote)
			if ok && operation.Responses.Value(status) == nil {
				return fmt.Errorf("%s: @%s is about an answer that is not annotated", name, note)
			}
		}
	}
	return nil
}

func giveExample(operation *openapi3.Operation, status string, media *openapi3.MediaType) (err error) {
	note, ok := operation.Extensions[exampleNote+status]
	switch {
	case media == nil:
		return nil
	case ok:
		media.Example = note
	case isError(status):
		return fmt.Errorf("annotate the answer's example: @%s%s {…}", exampleNote, status)
	default:
		media.Example, err = exampleOf(media.Schema)
	}
	return err
}

func isError(status string) bool {
	code, err := strconv.Atoi(status)
	return err != nil || code >= http.StatusBadRequest
}

// exampleOf is made of the examples of a schema's members. Optional members
// without an example stay out.
func exampleOf(ref *openapi3.SchemaRef) (any, error) {
	schema := ref.Value
	switch {
	case schema.Example != nil:
		return schema.Example, nil
	case schema.Type.Is(openapi3.TypeArray):
		item, err := exampleOf(schema.Items)
		return []any{item}, err
	case schema.Type.Is(openapi3.TypeObject):
		return exampleObject(schema)
	default:
		return nil, fmt.Errorf("a %v has no example: give its field an example tag", schema.Type.Slice())
	}
}

func exampleObject(schema *openapi3.Schema) (any, error) {
	object := map[string]any{}
	for name, member := range schema.Properties {
		value, err := exampleOf(member)
		switch {
		case err == nil:
			object[name] = value
		case slices.Contains(schema.Required, name):
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return object, nil
}
