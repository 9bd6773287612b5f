package main

import "testing"

const formOperation = `{"operationId": "login", "responses": {}, "requestBody": {"content": {
	"application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["username"], "properties": {
		"username": {"type": "string", "x-example": "johndoe"},
		"scope": {"type": "string"},
		"grant_type": {"type": "string", "default": "password"},
		"remember": {"type": "boolean"}}}}}}}`

func TestRequireBodies(t *testing.T) {
	doc := withOperation(t, formOperation)
	apply(t, doc, requireBodies)
	expect(t, doc, "paths /things post requestBody required", `true`)
}

func TestRestoreExamples(t *testing.T) {
	doc := withOperation(t, formOperation)
	apply(t, doc, restoreExamples)
	expect(t, doc, "paths /things post requestBody content application/x-www-form-urlencoded schema properties username",
		`{"example":"johndoe","type":"string"}`)
}

func TestOfferBothFormEncodings(t *testing.T) {
	doc := withOperation(t, formOperation)
	apply(t, doc, offerBothFormEncodings)
	ref := `{"schema":{"$ref":"#/components/schemas/LoginForm"}}`
	expect(t, doc,
		"paths /things post requestBody content", `{"application/x-www-form-urlencoded":`+ref+`,"multipart/form-data":`+ref+`}`,
		"components schemas LoginForm required", `["username"]`)
}

func TestFillFormFields(t *testing.T) {
	doc := withOperation(t, formOperation)
	apply(t, doc, fillFormFields, offerBothFormEncodings)
	expect(t, doc,
		"components schemas LoginForm properties scope", `{"default":"","type":"string"}`,
		"components schemas LoginForm properties grant_type default", `"password"`,
		"components schemas LoginForm properties username default", ``,
		"components schemas LoginForm properties remember", `{"type":"boolean"}`)
}

func TestFormFixesLeaveOtherBodiesAlone(t *testing.T) {
	operation := `{"responses": {}, "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}`
	doc, untouched := withOperation(t, operation), withOperation(t, operation)
	apply(t, doc, restoreExamples, fillFormFields, offerBothFormEncodings)
	expect(t, doc, "", part(t, untouched, ""))
}
