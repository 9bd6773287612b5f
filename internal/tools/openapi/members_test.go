package main

import "testing"

func TestAllowIndexesInLoc(t *testing.T) {
	fault := func(properties string) string {
		return `{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {},
			"components": {"schemas": {"FieldError": {"type": "object", "properties": ` + properties + `}}}}`
	}
	doc := load(t, fault(`{"loc": {"type": "array", "items": {"type": "string"}}}`))
	apply(t, doc, allowIndexesInLoc)
	expect(t, doc, "components schemas FieldError properties loc items type", `["string","integer"]`)

	expectError(t, allowIndexesInLoc(load(t, fault(`{}`))), "no list loc")
	apply(t, withSchema(t, `{}`), allowIndexesInLoc)
}

func TestNameMembersAsOnTheWire(t *testing.T) {
	doc := withSchema(t, `{"type": "object", "properties": {
		"full_name": {"type": "string", "description": "FullName is null where the user has none."},
		"id": {"type": "string", "description": "Identifies the thing."},
		"parts": {"type": "array", "items": {"type": "object", "properties": {
			"expires_in": {"type": "integer", "description": "ExpiresIn is in seconds."}}}}}}`)
	apply(t, doc, nameMembersAsOnTheWire)
	expect(t, doc,
		"components schemas Thing properties full_name description", "\"`full_name` is null where the user has none.\"",
		"components schemas Thing properties id description", `"Identifies the thing."`,
		"components schemas Thing properties parts items properties expires_in description", "\"`expires_in` is in seconds.\"")
}

func TestWriteNullAsType(t *testing.T) {
	doc := withSchema(t, `{"type": "object", "properties": {
		"name": {"type": "string", "nullable": true}, "age": {"type": "integer"}}}`)
	apply(t, doc, writeNullAsType)
	expect(t, doc, "components schemas Thing properties", `{"age":{"type":"integer"},"name":{"type":["string","null"]}}`)

	expectError(t, writeNullAsType(withSchema(t, `{"nullable": true}`)), "x-nullable is for members with a type")
	expectError(t, writeNullAsType(withSchema(t, `{"type": "string", "enum": ["a"], "nullable": true}`)), "without enum")
}

func TestWriteExamplesAsList(t *testing.T) {
	doc := withSchema(t, `{"type": "object", "properties": {"name": {"type": "string", "example": "key"}, "flag": {"type": "boolean", "example": false}}}`)
	apply(t, doc, writeExamplesAsList)
	expect(t, doc,
		"components schemas Thing properties name", `{"examples":["key"],"type":"string"}`,
		"components schemas Thing properties flag", `{"examples":[false],"type":"boolean"}`)
}

func TestDropConversionNotes(t *testing.T) {
	doc := withOperation(t, `{"responses": {}, "x-example-404": {}, "x-other": 1, "requestBody": {"x-originalParamName": "form",
		"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {
			"name": {"type": "string", "x-formData-name": "name"}}}}}}}`)
	apply(t, doc, dropConversionNotes)
	expect(t, doc, "paths /things post",
		`{"requestBody":{"content":{"application/x-www-form-urlencoded":{"schema":{"properties":{"name":{"type":"string"}},"type":"object"}}}},"responses":{},"x-other":1}`)
}
