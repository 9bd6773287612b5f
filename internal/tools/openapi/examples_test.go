package main

import "testing"

// answering is an operation that answers status with schema, and has notes.
func answering(status, schema, notes string) string {
	return `{` + notes + `"responses": {"` + status + `": {"description": "OK", "content": {"application/json": {"schema": ` + schema + `}}}}}`
}

const thing = `{"$ref": "#/components/schemas/Thing"}`

func TestGiveExamples(t *testing.T) {
	for _, c := range []struct{ name, status, schema, notes, want string }{
		{"of its members", "200", thing, ``, `{"name":"key"}`},
		{"in a list", "200", `{"type": "array", "items": ` + thing + `}`, ``, `[{"name":"key"}]`},
		{"the handler's own", "200", thing, `"x-example-200": {"name": "lock"}, `, `{"name":"lock"}`},
		{"of an error", "404", thing, `"x-example-404": {"name": "none"}, `, `{"name":"none"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := withOperation(t, answering(c.status, c.schema, c.notes))
			apply(t, doc, giveExamples)
			expect(t, doc, "paths /things post responses "+c.status+" content application/json example", c.want)
		})
	}
}

func TestGiveExamplesRefuses(t *testing.T) {
	for _, c := range []struct{ name, status, schema, notes, want string }{
		{"an error without one", "404", thing, ``, "POST /things, status 404: annotate the answer's example: @x-example-404"},
		{"a note for another status", "200", thing, `"x-example-404": {}, `, "@x-example-404 is about an answer that is not annotated"},
		{"a member without one", "200", `{"type": "object", "required": ["size"], "properties": {"size": {"type": "integer"}}}`, ``, "size: a [integer] has no example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expectError(t, giveExamples(withOperation(t, answering(c.status, c.schema, c.notes))), c.want)
		})
	}
}

func TestGiveExamplesPassesOverAnswersWithoutJSON(t *testing.T) {
	apply(t, withOperation(t, `{"responses": {"204": {"description": "Gone"}, "404": {"description": "None"}}}`), giveExamples)
}
