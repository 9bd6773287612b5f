package respond_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"latchkey/internal/respond"
	"latchkey/models"
)

// formRefusals are all that is ever said of a form, so nothing of the form.
var formRefusals = regexp.MustCompile(`^(` + strings.Join([]string{
	unreadable, bodyMustBe, twice, noFiles,
	`The parameter (grant_type|username|password|scope|client_id|client_secret|refresh_token|token|token_type_hint) ` +
		`(is given more than once|belongs in the body, not in the URL)`,
}, "|") + `)$`)

// FuzzOAuthForm holds the form to its word: it comes from the body alone, and
// a refusal says nothing that was sent, not even to the log.
func FuzzOAuthForm(f *testing.F) {
	const good = "username=johndoe&password=hunter2"
	parts := multipart("username", "johndoe", "password", "hunter2")
	for _, query := range []string{"", "a=1", "password=hunter2", "a=1;p%61ssword=hunter2", "%zz"} {
		f.Add(query, asForm, []byte(good))
		f.Add(query, asMultipart, []byte(parts))
	}
	for _, body := range []string{"", good + "&password=hunter2", good + "&x=%zz", "hunter2=%", "a;hunter2", "scope=a+b&client_id=%00"} {
		f.Add("", asForm+"; charset=utf-8", []byte(body))
	}
	for _, body := range []string{parts[:40], strings.Replace(parts, "=password", `=x; filename="hunter2"`, 1), "--BOUND\r\nhunter2\r\n\r\n"} {
		f.Add("", asMultipart, []byte(body))
	}
	f.Add("", "multipart/form-data", []byte(parts))
	f.Add("", asJSON, []byte(`{"password":"hunter2"}`))
	f.Fuzz(func(t *testing.T, query, contentType string, body []byte) {
		got, err := respond.OAuthForm[form](post(query, contentType, bytes.NewReader(body)))
		if err != nil {
			e := refusal(t, err, models.KindBadRequest)
			if e.OAuth != models.OAuthInvalidRequest || !formRefusals.MatchString(e.Error()) || got != (form{}) {
				t.Fatalf("%s: %v, with %+v", e.OAuth, e, got)
			}
			return
		}
		alone, err := respond.OAuthForm[form](post("", contentType, bytes.NewReader(body)))
		if err != nil || alone != got {
			t.Fatalf("without the query: %+v, %v; with it: %+v", alone, err, got)
		}
		if len(body) > 0 {
			_, err = respond.OAuthForm[form](post("", contentType, limited(string(body), len(body)/2)))
			_ = refusal(t, err, models.KindTooLarge)
		}
	})
}

// jsonRefusals are all that is ever said of a body, so nothing of the body.
var jsonRefusals = regexp.MustCompile(`^(` +
	`missing \["body"(,"title")?\] Field required|` +
	`json_invalid \["body"\] JSON decode error|` +
	`model_attributes_type \["body"\] Input should be a valid JSON object|` +
	`string_type \["body","(title|text|name|nick)"\] Input should be a valid string|` +
	`bool_type \["body","done"\] Input should be a valid boolean|` +
	`list_type \["body","tags"\] Input should be a valid list|` +
	`string_too_short \["body","(title|name)"\] String should have at least (1 character|2 characters)|` +
	`string_too_long \["body","(title|text|name|nick)"\] String should have at most 4 characters|` +
	`value_error \["body","(title|text|name|nick)"\] Value error, NUL characters are not allowed` +
	`)$`)

// FuzzJSON holds the binder to its word: a refusal has a fault for each thing
// and says nothing that was sent, and what it takes is what encoding/json reads
// by name.
func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		"", "null", `{}`, `[]`, `"key"`, `{"title":"key"}`, `{"title":""}`, `{"title":"abcde"}`, `{"title":null,"text":null}`,
		`{"title":"key","text":"a","done":true,"tags":["a"],"name":"n","nick":null}`, `{"Title":"key","title":"\u0000\ud800"}`,
		`{"title":"key","title":1}`, "{\"title\":\"a\xff\"}", `{"text":7,"done":1,"tags":{},"name":null,"nick":"abcde"}`, `{"title":"key"}x`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := bindNote(asJSON, string(body))
		if err != nil {
			checkFaults(t, refusal(t, err, models.KindInvalid))
			return
		}
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatalf("taken although %v", err)
		}
		want := map[string]any{"title": got.Title, "text": got.Text, "done": got.Done, "name": got.Name.Value, "nick": got.Nick.Value}
		for name, value := range want {
			sent, present := members[name]
			if read := generic(t, value); present && !reflect.DeepEqual(read, sent) {
				t.Fatalf("%s is read as %#v, and is %#v", name, read, sent)
			}
		}
		if _, named := members["name"]; named != got.Name.Set {
			t.Fatalf("name is there: %t, is set: %t", named, got.Name.Set)
		}
	})
}

// generic is a value as encoding/json reads it without knowing its type.
func generic(t *testing.T, value any) (read any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func checkFaults(t *testing.T, e *models.Error) {
	t.Helper()
	seen := map[string]bool{}
	for _, field := range e.Fields {
		loc, err := json.Marshal(field.Loc)
		if said := field.Type + " " + string(loc) + " " + field.Msg; err != nil || !jsonRefusals.MatchString(said) {
			t.Fatalf("it says %s (%v)", said, err)
		}
		if seen[string(loc)] {
			t.Fatalf("two faults at %s", loc)
		}
		seen[string(loc)] = true
	}
	if len(e.Fields) == 0 || e.Error() != "Unprocessable Content" {
		t.Fatalf("%d faults, %v", len(e.Fields), e)
	}
}
