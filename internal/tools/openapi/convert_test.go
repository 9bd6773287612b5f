package main

import "testing"

func TestConvertNamesSchemasWithoutTheirPackage(t *testing.T) {
	doc, err := convert([]byte(`{"swagger": "2.0", "info": {"title": "T", "version": "1"},
		"paths": {"/things": {"get": {"responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/models.Thing"}}}}}},
		"definitions": {"models.Thing": {"type": "object"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, doc,
		"components schemas", `{"Thing":{"type":"object"}}`,
		"paths /things get responses 200 content application/json schema", `{"$ref":"#/components/schemas/Thing"}`)
}

func TestConvertRefusesAGenericNameAndWhatIsNoJSON(t *testing.T) {
	_, err := convert([]byte(`{"swagger": "2.0", "definitions": {"models.Page-models_Item": {"type": "object"}}}`))
	expectError(t, err, "Page-models_Item needs a readable name")
	_, err = convert([]byte(`{`))
	expectError(t, err, "swagger.json")
}

func TestConvertKeepsTheExamplesOfParameters(t *testing.T) {
	doc, err := convert([]byte(`{"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {"/things": {"post": {
		"consumes": ["application/x-www-form-urlencoded"],
		"parameters": [
			{"in": "query", "name": "q", "type": "string", "example": "brass"},
			{"in": "formData", "name": "name", "type": "string", "example": "key"}],
		"responses": {"200": {"description": "OK"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	apply(t, doc, restoreExamples, dropConversionNotes)
	expect(t, doc,
		"paths /things post parameters", `[{"example":"brass","in":"query","name":"q","schema":{"type":"string"}}]`,
		"paths /things post requestBody content application/x-www-form-urlencoded schema properties",
		`{"name":{"example":"key","type":"string"}}`)
}
