package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// allowIndexesInLoc says what loc is made of, for which Go has no type that
// swag knows.
func allowIndexesInLoc(doc *openapi3.T) error {
	fault := doc.Components.Schemas["FieldError"]
	if fault == nil {
		return nil
	}
	loc := fault.Value.Properties["loc"]
	if loc == nil || loc.Value.Items == nil {
		return errors.New("FieldError has no list loc")
	}
	loc.Value.Items.Value.Type = &openapi3.Types{openapi3.TypeString, openapi3.TypeInteger}
	return nil
}

// nameMembersAsOnTheWire lets a description, which is a Go comment and starts
// with the field's name in Go, start with the name that a client sees.
func nameMembersAsOnTheWire(doc *openapi3.T) error {
	for schema := range schemas(doc) {
		for name, member := range schema.Properties {
			if member.Ref != "" {
				continue
			}
			first, rest, _ := strings.Cut(member.Value.Description, " ")
			if strings.EqualFold(first, strings.ReplaceAll(name, "_", "")) {
				member.Value.Description = "`" + name + "` " + rest
			}
		}
	}
	return nil
}

// writeNullAsType says in the words of OpenAPI 3.1 what can be null.
func writeNullAsType(doc *openapi3.T) error {
	for schema := range schemas(doc) {
		if !schema.Nullable {
			continue
		}
		if schema.Type == nil || len(schema.Enum) > 0 {
			return fmt.Errorf("x-nullable is for members with a type and without enum, not for %q", schema.Description)
		}
		types := append(schema.Type.Slice(), openapi3.TypeNull)
		schema.Type, schema.Nullable = (*openapi3.Types)(&types), false
	}
	return nil
}

// writeExamplesAsList moves a schema's example to where OpenAPI 3.1 has it.
func writeExamplesAsList(doc *openapi3.T) error {
	for schema := range schemas(doc) {
		if schema.Example != nil {
			schema.Examples, schema.Example = []any{schema.Example}, nil
		}
	}
	return nil
}

// dropConversionNotes removes what openapi2conv and this program noted.
func dropConversionNotes(doc *openapi3.T) error {
	for schema := range schemas(doc) {
		delete(schema.Extensions, "x-formData-name")
	}
	for _, operation := range operations(doc) {
		if operation.RequestBody != nil {
			delete(operation.RequestBody.Value.Extensions, "x-originalParamName")
		}
		for name := range operation.Extensions {
			if strings.HasPrefix(name, exampleNote) {
				delete(operation.Extensions, name)
			}
		}
	}
	return nil
}
