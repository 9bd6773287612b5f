package respond

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"latchkey/models"
)

// JSON reads the body into a T and checks T's validate tags, then what the
// checks find in it. The error is a models.Error: KindInvalid with every fault,
// of each member the first, in the order of T's fields, or KindTooLarge. A
// member must be spelled as in T's json tag; others are passed over.
func JSON[T any](c *gin.Context, checks ...func(T) []models.FieldError) (T, error) {
	var into T
	members, err := object(c.Request)
	if err != nil {
		return into, err
	}
	faults := decodeMembers(members, reflect.ValueOf(&into).Elem())
	faults = append(faults, check(into, members, faults)...)
	for _, check := range checks {
		faults = append(faults, ofOthers(check(into), faults)...)
	}
	if len(faults) > 0 {
		inOrder(faults, reflect.TypeFor[T]())
		return into, models.Invalid(faults...)
	}
	return into, nil
}

// inOrder sorts the faults as the fields of the type are, as Pydantic has them.
func inOrder(faults []models.FieldError, of reflect.Type) {
	place := map[any]int{}
	for i := range of.NumField() {
		place[wireName(of.Field(i))] = i
	}
	slices.SortStableFunc(faults, func(a, b models.FieldError) int { return place[a.Loc[1]] - place[b.Loc[1]] })
}

// ofOthers are the faults of members that have none yet.
func ofOthers(found, known []models.FieldError) []models.FieldError {
	return slices.DeleteFunc(found, func(f models.FieldError) bool {
		return slices.ContainsFunc(known, func(k models.FieldError) bool { return k.Loc[1] == f.Loc[1] })
	})
}

// object reads a body that has to be one JSON object, without looking into
// its members.
func object(r *http.Request) (map[string]json.RawMessage, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, bodyError(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, models.Invalid(fault("missing", "Field required", "body"))
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, models.Invalid(fault("model_attributes_type",
			"Input should be a valid JSON object, sent as application/json", "body"))
	}
	if !utf8.Valid(body) || !json.Valid(body) { // encoding/json would mend broken UTF-8 in silence
		return nil, models.Invalid(fault("json_invalid", "JSON decode error", "body"))
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return nil, models.Invalid(fault("model_attributes_type", "Input should be a valid JSON object", "body"))
	}
	return members, nil
}

// isJSON accepts application/json, application/anything+json, and none at all.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (mediaType == "application/json" ||
		strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json"))
}

// bodyError says why a body could not be read whole.
func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return models.TooLarge()
	}
	// The reader's text may quote the body, so it is not kept as the cause.
	return models.Invalid(fault("body_incomplete", "The body ended early", "body"))
}

// decodeMembers fills the struct's fields and returns what is missing or of
// the wrong type.
func decodeMembers(members map[string]json.RawMessage, into reflect.Value) []models.FieldError {
	var faults []models.FieldError
	for i := range into.NumField() {
		field := into.Type().Field(i)
		name := wireName(field)
		raw, present := members[name]
		switch {
		case name == "-": // it is not for the wire
		case !present && required(field):
			faults = append(faults, fault("missing", "Field required", "body", name))
		case present && !decodeMember(raw, into.Field(i)):
			faults = append(faults, typeFault(field.Type, "body", name))
		}
	}
	return faults
}

// decodeMember reports whether raw is of the field's type. Null is of a
// pointer's type only, and of those that say so in their UnmarshalJSON.
func decodeMember(raw json.RawMessage, field reflect.Value) bool {
	_, custom := reflect.TypeAssert[json.Unmarshaler](field.Addr())
	if string(raw) == "null" && field.Kind() != reflect.Pointer && !custom {
		return false
	}
	return json.Unmarshal(raw, field.Addr().Interface()) == nil
}
