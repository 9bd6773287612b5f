package respond_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/internal/respond"
	"latchkey/models"
)

const asJSON = "application/json"

// note has a member of each sort that a body can have.
type note struct {
	Title  string                   `json:"title" validate:"required,text,min=2,max=4"`
	Text   *string                  `json:"text" validate:"omitempty,text,max=4"`
	Done   bool                     `json:"done"`
	Tags   []string                 `json:"tags"`
	Name   models.Optional[string]  `json:"name" validate:"text,min=1,max=4"`
	Nick   models.Optional[*string] `json:"nick" validate:"omitempty,text,max=4"`
	Hidden string                   `json:"-"`
}

func bindNote(contentType, body string) (note, error) {
	return respond.JSON[note](post("", contentType, strings.NewReader(body)))
}

// show has a note's pointers followed.
func show(n note) string {
	follow := func(s *string) string {
		if s == nil {
			return "null"
		}
		return fmt.Sprintf("%q", *s)
	}
	s := fmt.Sprintf("title:%q text:%s done:%t tags:%q", n.Title, follow(n.Text), n.Done, n.Tags)
	if n.Name.Set {
		s += fmt.Sprintf(" name:%q", n.Name.Value)
	}
	if n.Nick.Set {
		s += " nick:" + follow(n.Nick.Value)
	}
	return s + n.Hidden
}

func TestJSON(t *testing.T) {
	const bare = `title:"key" text:null done:false tags:[]`
	tests := []struct{ name, body, want string }{
		{"required members only", `{"title":"key"}`, bare},
		{
			"every member", `{"title":"key","text":"abcd","done":true,"tags":["a","b"],"name":"n","nick":"m"}`,
			`title:"key" text:"abcd" done:true tags:["a" "b"] name:"n" nick:"m"`,
		},
		{"null where it is allowed", `{"title":"key","text":null,"nick":null}`, bare + " nick:null"},
		{"empty where it is allowed", `{"title":"key","text":"","nick":"","tags":[]}`, `title:"key" text:"" done:false tags:[] nick:""`},
		{"white space", " \r\n\t{ \"title\" : \"key\" } \n", bare},
		{"unknown members", `{"title":"key","id":1,"owner":{"a":[null]}}`, bare},
		{"names in other cases", `{"title":"key","Title":"x","TITLE":7,"Done":true}`, bare},
		{"a member that is not for the wire", `{"title":"key","-":"x","Hidden":"x","hidden":"x"}`, bare},
		{"an empty name", `{"title":"key","":1}`, bare},
		{"an escaped name", `{"\u0074itle":"key"}`, bare},
		{"the last of duplicates counts", `{"title":"long gone","title":"key"}`, bare},
		{"escapes", `{"title":"\u00e9\ud83d\ude00"}`, `title:"é😀" text:null done:false tags:[]`},
		{"characters count, not bytes", `{"title":"ключ"}`, `title:"ключ" text:null done:false tags:[]`},
		{"another control character", `{"title":"\u0001\n"}`, `title:"\x01\n" text:null done:false tags:[]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := bindNote(asJSON, tt.body)
			if err != nil || show(got) != tt.want {
				t.Errorf("%s, %v\nwant %s", show(got), err, tt.want)
			}
		})
	}
}

func bodyFault(kind, msg string, loc ...string) string {
	path, _ := json.Marshal(append([]string{"body"}, loc...))
	return fmt.Sprintf(`{"type":%q,"loc":%s,"msg":%q}`, kind, path, msg)
}

func notString(name string) string {
	return bodyFault("string_type", "Input should be a valid string", name)
}

func TestJSONRefusesMembers(t *testing.T) {
	short := func(name, least string) string {
		return bodyFault("string_too_short", "String should have at least "+least, name)
	}
	long := func(name string) string {
		return bodyFault("string_too_long", "String should have at most 4 characters", name)
	}
	withNUL := func(name string) string {
		return bodyFault("value_error", "Value error, NUL characters are not allowed", name)
	}
	missing := bodyFault("missing", "Field required", "title")
	notBool := bodyFault("bool_type", "Input should be a valid boolean", "done")
	notList := bodyFault("list_type", "Input should be a valid list", "tags")
	tests := []struct {
		name, body string
		want       []string
	}{
		{"missing", `{}`, []string{missing}},
		{"in another case", `{"Title":"key"}`, []string{missing}},
		{"null", `{"title":null}`, []string{notString("title")}},
		{"number", `{"title":1}`, []string{notString("title")}},
		{"array", `{"title":["key"]}`, []string{notString("title")}},
		{"object", `{"title":{"a":1}}`, []string{notString("title")}},
		{"the last of duplicates", `{"title":"key","title":7}`, []string{notString("title")}},
		{"empty", `{"title":""}`, []string{short("title", "1 character")}},
		{"too short", `{"title":"é"}`, []string{short("title", "2 characters")}},
		{"too long", `{"title":"abcde"}`, []string{long("title")}},
		{"NUL", `{"title":"ab\u0000"}`, []string{withNUL("title")}},
		{"pointer: number", `{"title":"key","text":1}`, []string{notString("text")}},
		{"pointer: too long", `{"title":"key","text":"абвгд"}`, []string{long("text")}},
		{"pointer: NUL", `{"title":"key","text":"\u0000"}`, []string{withNUL("text")}},
		{"bool: null", `{"title":"key","done":null}`, []string{notBool}},
		{"bool: string", `{"title":"key","done":"true"}`, []string{notBool}},
		{"list: null", `{"title":"key","tags":null}`, []string{notList}},
		{"list: string", `{"title":"key","tags":"a"}`, []string{notList}},
		{"optional: null", `{"title":"key","name":null}`, []string{notString("name")}},
		{"optional: number", `{"title":"key","name":1}`, []string{notString("name")}},
		{"optional: empty", `{"title":"key","name":""}`, []string{short("name", "1 character")}},
		{"optional: too long", `{"title":"key","name":"abcde"}`, []string{long("name")}},
		{"optional: NUL", `{"title":"key","name":"\u0000"}`, []string{withNUL("name")}},
		{"optional pointer: number", `{"title":"key","nick":1}`, []string{notString("nick")}},
		{"optional pointer: too long", `{"title":"key","nick":"abcde"}`, []string{long("nick")}},
		{
			"several at once", `{"text":7,"done":1,"tags":{},"name":null,"nick":"abcde"}`,
			[]string{missing, notString("text"), notBool, notList, notString("name"), long("nick")},
		},
		{"broken rules of several", `{"title":"a","text":"abcde","name":""}`, []string{short("title", "2 characters"), long("text"), short("name", "1 character")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bindNote(asJSON, tt.body)
			if got, want := faults(t, err), "["+strings.Join(tt.want, ",")+"]"; got != want {
				t.Errorf("faults %s\nwant   %s", got, want)
			}
		})
	}
}

func TestJSONRefusesBodies(t *testing.T) {
	var (
		missing   = bodyFault("missing", "Field required")
		invalid   = bodyFault("json_invalid", "JSON decode error")
		notObject = bodyFault("model_attributes_type", "Input should be a valid JSON object")
	)
	tests := []struct{ name, body, want string }{
		{"empty", "", missing},
		{"white space", " \r\n\t ", missing},
		{"null", "null", notObject},
		{"array", `[{"title":"key"}]`, notObject},
		{"string", `"title"`, notObject},
		{"number", "7", notObject},
		{"boolean", "true", notObject},
		{"no JSON", "title=key", invalid},
		{"single quotes", `{'title':'key'}`, invalid},
		{"half of it", `{"title":"key"`, invalid},
		{"trailing comma", `{"title":"key",}`, invalid},
		{"trailing garbage", `{"title":"key"}x`, invalid},
		{"two objects", `{"title":"key"}{"title":"key"}`, invalid},
		{"comment", `{"title":"key"}//`, invalid},
		{"NaN", `{"title":"key","x":NaN}`, invalid},
		{"raw control character", "{\"title\":\"a\nb\"}", invalid},
		{"raw NUL", "{\"title\":\"a\x00b\"}", invalid},
		{"NULs behind", "{\"title\":\"key\"}\x00\x00", invalid},
		{"byte order mark", "\ufeff{\"title\":\"key\"}", invalid},
		{"invalid UTF-8 in a value", "{\"title\":\"a\xffb\"}", invalid},
		{"invalid UTF-8 in an unknown name", "{\"title\":\"key\",\"\xc3\x28\":1}", invalid},
		{"UTF-16", "\xff\xfe{\x00}\x00", invalid},
		{"nested deeply", `{"title":"key","x":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + "}", invalid},
		{"nested deeply, not closed", strings.Repeat(`{"a":`, 100_000), invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bindNote(asJSON, tt.body)
			if got := faults(t, err); got != "["+tt.want+"]" {
				t.Errorf("faults %s\nwant   [%s]", got, tt.want)
			}
		})
	}
}

func TestJSONContentTypes(t *testing.T) {
	tests := []struct {
		contentType string
		ok          bool
	}{
		{"", true},
		{"application/json", true},
		{"Application/JSON", true},
		{"application/json; charset=utf-8", true},
		{"application/json;charset=latin1", true}, // RFC 8259 §11: it has no effect
		{"application/merge-patch+json", true},
		{"text/json", false},
		{"text/plain", false},
		{"text/plain+json", false},
		{"application/jsonp", false},
		{"application/x-www-form-urlencoded", false},
		{"multipart/form-data; boundary=x", false},
		{"json", false},
		{";", false},
		{"application/json; charset", false},
	}
	want := "[" + bodyFault("model_attributes_type", "Input should be a valid JSON object, sent as application/json") + "]"
	for _, tt := range tests {
		t.Run(tt.contentType, func(t *testing.T) {
			switch _, err := bindNote(tt.contentType, `{"title":"key"}`); {
			case tt.ok && err != nil:
				t.Error(err)
			case !tt.ok && faults(t, err) != want:
				t.Errorf("faults %s\nwant   %s", faults(t, err), want)
			}
		})
	}
}

// However little is let through, or arrives, it is never taken for the whole.
func TestJSONOfWhichAPartArrives(t *testing.T) {
	const body = `{"title":"key"}  `
	ended := "[" + bodyFault("body_incomplete", "The body ended early") + "]"
	for n := range len(body) {
		_, err := respond.JSON[note](post("", asJSON, limited(body, n)))
		_ = refusal(t, err, models.KindTooLarge)

		_, err = respond.JSON[note](post("", asJSON, cutOff(body[:n])))
		if got := faults(t, err); got != ended {
			t.Errorf("the first %d bytes: faults %s, want %s", n, got, ended)
		}
	}
	if _, err := respond.JSON[note](post("", asJSON, limited(body, len(body)))); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}
