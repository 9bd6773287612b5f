package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// load reads an OpenAPI document of which only the parts that matter are given.
func load(t *testing.T, document string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Components == nil {
		doc.Components = &openapi3.Components{}
	}
	if doc.Components.Schemas == nil {
		doc.Components.Schemas = openapi3.Schemas{}
	}
	return doc
}

// withOperation is a document with one operation and the schema Thing.
func withOperation(t *testing.T, operation string) *openapi3.T {
	t.Helper()
	return load(t, `{"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
		"paths": {"/things": {"post": `+operation+`}},
		"components": {"schemas": {"Thing": {"type": "object", "required": ["name"], "properties": {
			"name": {"type": "string", "example": "key"}, "note": {"type": "string"}}},
			"ErrorAnswer": {"type": "object"}, "ValidationErrorAnswer": {"type": "object"}}}}`)
}

// withSchema is a document with the schema Thing alone.
func withSchema(t *testing.T, schema string) *openapi3.T {
	t.Helper()
	return load(t, `{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {},
		"components": {"schemas": {"Thing": `+schema+`}}}`)
}

func apply(t *testing.T, doc *openapi3.T, fixes ...func(*openapi3.T) error) {
	t.Helper()
	for _, fix := range fixes {
		if err := fix(doc); err != nil {
			t.Fatal(err)
		}
	}
}

// part is a part of a document as JSON, "" if it is not there. The path's
// steps are separated by spaces.
func part(t *testing.T, doc any, path string) string {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	for step := range strings.FieldsSeq(path) {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil {
			t.Fatalf("%s in %s: %v", step, path, err)
		}
		if text = object[step]; text == nil {
			return ""
		}
	}
	return string(text)
}

// expect compares parts of a document: paths and JSON alternate.
func expect(t *testing.T, doc any, pathsAndParts ...string) {
	t.Helper()
	for want := range slices.Chunk(pathsAndParts, 2) {
		if got := part(t, doc, want[0]); got != want[1] {
			t.Errorf("%s:\n%s\nwant\n%s", want[0], got, want[1])
		}
	}
}

func expectError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v, want one with %q", err, text)
	}
}
