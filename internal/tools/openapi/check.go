package main

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// check reads the document as a stranger would, and validates it with its
// examples and defaults.
func check(text []byte) error {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return fmt.Errorf("the document cannot be read: %w", err)
	}
	if err := doc.Validate(loader.Context, openapi3.EnableMultiError(),
		openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation()); err != nil {
		return fmt.Errorf("the document is invalid: %w", err)
	}
	return nil
}
