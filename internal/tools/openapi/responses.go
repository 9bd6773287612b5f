package main

import (
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"latchkey/models"
)

// promiseHeaders says of the headers that handlers annotate that they are
// always sent.
func promiseHeaders(doc *openapi3.T) error {
	for _, operation := range operations(doc) {
		for _, response := range operation.Responses.Map() {
			for _, header := range response.Value.Headers {
				header.Value.Required = true
			}
		}
	}
	return nil
}

// sharedResponse is an answer that every operation of a kind can give, because
// what stands before its handler gives it. Handlers do not annotate it.
type sharedResponse struct {
	name        string
	status      int
	description string
	of          func(*openapi3.Operation) bool
	examples    []example
}

// example is one error that is answered so; the models make it, so that its
// text is what clients really get.
type example struct {
	name, summary string
	err           *models.Error
}

var sharedResponses = []sharedResponse{
	{
		"InactiveUser", 400, "The user is disabled", secured,
		[]example{{"inactive", "The user is disabled", models.InactiveUser()}},
	},
	{
		"Unauthorized", 401, "There is no access token, or one that opens nothing", secured,
		[]example{
			{"missing", "No access token", models.NotAuthenticated()},
			{"rejected", "Malformed, forged, expired or revoked, or the user is gone", models.InvalidToken("The access token expired", nil)},
		},
	},
	{
		"Forbidden", 403, "The access token does not grant the scope", scoped,
		[]example{{"scope", "A scope is missing", models.InsufficientScope([]string{models.ScopeItemsWrite})}},
	},
	{
		"TooLarge", 413, "The body is over 1 MiB", anyOperation,
		[]example{{"large", "The body is over 1 MiB", models.TooLarge()}},
	},
	{
		"Invalid", 422, "The body does not validate", takesJSON,
		[]example{{"missing", "A member is missing", models.Invalid(models.FieldError{
			Type: "missing", Loc: []any{"body", "title"}, Msg: "Field required",
		})}},
	},
	{
		"Unavailable", 503, "The database is away", secured,
		[]example{{"database", "The database is away", models.Unavailable("The database is not available", 5*time.Second, nil)}},
	},
}

func anyOperation(*openapi3.Operation) bool     { return true }
func scoped(operation *openapi3.Operation) bool { return len(neededScopes(operation)) > 0 }
func takesJSON(operation *openapi3.Operation) bool {
	return operation.RequestBody != nil && operation.RequestBody.Value.Content[inJSON] != nil
}

// addSharedResponses adds to each operation the shared answers that it can
// give and does not describe itself. It says each once, as a component.
func addSharedResponses(doc *openapi3.T) error {
	if doc.Components.Responses == nil {
		doc.Components.Responses = openapi3.ResponseBodies{}
	}
	for _, shared := range sharedResponses {
		response := shared.response()
		for _, operation := range operations(doc) {
			if shared.of(operation) && operation.Responses.Status(shared.status) == nil {
				doc.Components.Responses[shared.name] = &openapi3.ResponseRef{Value: response}
				operation.Responses.Set(strconv.Itoa(shared.status),
					&openapi3.ResponseRef{Ref: "#/components/responses/" + shared.name, Value: response})
			}
		}
	}
	return nil
}

func (s sharedResponse) response() *openapi3.Response {
	first := s.examples[0].err
	media := openapi3.NewMediaType().WithSchemaRef(openapi3.NewSchemaRef("#/components/schemas/"+schemaName(first), nil))
	if len(s.examples) == 1 {
		media.Example = body(first)
	} else {
		media.Examples = namedExamples(s.examples)
	}
	response := openapi3.NewResponse().WithDescription(s.description).WithContent(openapi3.Content{inJSON: media})
	response.Headers = headers(first)
	return response
}

func namedExamples(examples []example) openapi3.Examples {
	named := openapi3.Examples{}
	for _, e := range examples {
		named[e.name] = &openapi3.ExampleRef{Value: &openapi3.Example{Summary: e.summary, Value: body(e.err)}}
	}
	return named
}

// body is what internal/respond makes of the error.
func body(err *models.Error) any {
	if err.Kind == models.KindInvalid {
		return models.ValidationErrorAnswer{Detail: err.Fields}
	}
	return models.ErrorAnswer{Detail: err.Detail}
}

func schemaName(err *models.Error) string {
	if err.Kind == models.KindInvalid {
		return "ValidationErrorAnswer"
	}
	return "ErrorAnswer"
}

// headers are those that come with the error.
func headers(err *models.Error) openapi3.Headers {
	switch {
	case err.Challenge != "":
		return header("WWW-Authenticate", "What is wrong with the token (RFC 6750 §3)", openapi3.NewStringSchema(), err.Challenge)
	case err.RetryAfter > 0:
		return header("Retry-After", "Seconds to wait before trying again", openapi3.NewIntegerSchema(), int(err.RetryAfter.Seconds()))
	default:
		return nil
	}
}

func header(name, description string, schema *openapi3.Schema, example any) openapi3.Headers {
	return openapi3.Headers{name: {Value: &openapi3.Header{Parameter: openapi3.Parameter{
		Description: description, Required: true, Schema: schema.NewRef(), Example: example,
	}}}}
}
