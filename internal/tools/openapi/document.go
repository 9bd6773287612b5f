package main

import (
	"iter"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	formEncoded = "application/x-www-form-urlencoded"
	multipart   = "multipart/form-data"
	inJSON      = "application/json"
)

// operations are the document's operations in a fixed order, each with the
// words by which an error names it.
func operations(doc *openapi3.T) iter.Seq2[string, *openapi3.Operation] {
	return func(yield func(string, *openapi3.Operation) bool) {
		for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
			byMethod := doc.Paths.Value(path).Operations()
			for _, method := range slices.Sorted(maps.Keys(byMethod)) {
				if !yield(method+" "+path, byMethod[method]) {
					return
				}
			}
		}
	}
}

// schemas are the document's own schemas, those inside of others included. A
// reference is not followed: what it leads to is a schema of the document.
func schemas(doc *openapi3.T) iter.Seq[*openapi3.Schema] {
	return func(yield func(*openapi3.Schema) bool) {
		for _, ref := range rootSchemas(doc) {
			if !walk(ref, yield) {
				return
			}
		}
	}
}

func rootSchemas(doc *openapi3.T) []*openapi3.SchemaRef {
	roots := slices.Collect(maps.Values(doc.Components.Schemas))
	for _, operation := range operations(doc) {
		for _, parameter := range operation.Parameters {
			roots = append(roots, parameter.Value.Schema)
		}
		if operation.RequestBody != nil {
			roots = append(roots, contentSchemas(operation.RequestBody.Value.Content)...)
		}
		for _, response := range operation.Responses.Map() {
			roots = append(roots, contentSchemas(response.Value.Content)...)
		}
	}
	return roots
}

func contentSchemas(content openapi3.Content) []*openapi3.SchemaRef {
	var refs []*openapi3.SchemaRef
	for _, media := range content {
		refs = append(refs, media.Schema)
	}
	return refs
}

func walk(ref *openapi3.SchemaRef, yield func(*openapi3.Schema) bool) bool {
	if ref == nil || ref.Ref != "" {
		return true
	}
	if !yield(ref.Value) {
		return false
	}
	inner := append(slices.Collect(maps.Values(ref.Value.Properties)), ref.Value.Items, ref.Value.AdditionalProperties.Schema)
	for _, list := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf, inner} {
		for _, ref := range list {
			if !walk(ref, yield) {
				return false
			}
		}
	}
	return true
}

// formSchema is the schema of the operation's form, nil if it takes none.
func formSchema(operation *openapi3.Operation) *openapi3.Schema {
	if operation.RequestBody == nil {
		return nil
	}
	media := operation.RequestBody.Value.Content.Get(formEncoded)
	if media == nil {
		return nil
	}
	return media.Schema.Value
}
