package main

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// requireBodies says that a body cannot be left out, which Swagger 2.0 cannot
// say of a form.
func requireBodies(doc *openapi3.T) error {
	for _, operation := range operations(doc) {
		if operation.RequestBody != nil {
			operation.RequestBody.Value.Required = true
		}
	}
	return nil
}

// restoreExamples gives the parameters and the fields of forms their examples
// back.
func restoreExamples(doc *openapi3.T) error {
	for _, operation := range operations(doc) {
		for _, parameter := range operation.Parameters {
			parameter.Value.Example = takeOut(parameter.Value.Extensions, keptExample)
		}
		if form := formSchema(operation); form != nil {
			for _, field := range form.Properties {
				field.Value.Example = takeOut(field.Value.Extensions, keptExample)
			}
		}
	}
	return nil
}

func takeOut(from map[string]any, key string) any {
	value := from[key]
	delete(from, key)
	return value
}

// offerBothFormEncodings lets every form be sent in either encoding. The form
// becomes a schema of its own, so that it is not written twice.
func offerBothFormEncodings(doc *openapi3.T) error {
	for _, operation := range operations(doc) {
		form := formSchema(operation)
		if form == nil {
			continue
		}
		name := strings.ToUpper(operation.OperationID[:1]) + operation.OperationID[1:] + "Form"
		doc.Components.Schemas[name] = form.NewRef()
		ref := openapi3.NewSchemaRef("#/components/schemas/"+name, form)
		operation.RequestBody.Value.Content = openapi3.Content{
			formEncoded: openapi3.NewMediaType().WithSchemaRef(ref),
			multipart:   openapi3.NewMediaType().WithSchemaRef(ref),
		}
	}
	return nil
}

// fillFormFields gives the optional fields of forms the empty default that
// they have at the service. Without it Swagger UI sends the word "string".
func fillFormFields(doc *openapi3.T) error {
	for _, operation := range operations(doc) {
		form := formSchema(operation)
		if form == nil {
			continue
		}
		for name, field := range form.Properties {
			if !slices.Contains(form.Required, name) && field.Value.Default == nil && field.Value.Type.Is(openapi3.TypeString) {
				field.Value.Default = ""
			}
		}
	}
	return nil
}
