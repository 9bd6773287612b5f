package respond_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

func get(query string) *gin.Context {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.URL = &url.URL{Path: "/", RawQuery: query}
	c, _ := newContext(r)
	return c
}

// faults are those of a 422, as they are sent.
func faults(tb testing.TB, err error) string {
	tb.Helper()
	sent, jsonErr := json.Marshal(refusal(tb, err, models.KindInvalid).Fields)
	if jsonErr != nil {
		tb.Fatal(jsonErr)
	}
	return string(sent)
}

const (
	pageEnd = "019a84af-5607-7d02-99d1-f4b44f7858ea"
	cursor  = "AZqEr1YHfQKZ0fS0T3hY6g"

	badQuery  = `{"type":"query_parsing","loc":["query"],"msg":"The query string is malformed"}`
	badCursor = `{"type":"value_error","loc":["query","cursor"],"msg":"Value error, not a cursor of this list"}`
	notInt    = `{"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer"}`
	tooSmall  = `{"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1"}`
	tooLarge  = `{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"}`
)

func TestPage(t *testing.T) {
	tests := []struct {
		query string
		limit int
		after string
	}{
		{"", 20, ""},
		{"limit=1", 1, ""},
		{"limit=100", 100, ""},
		{"limit=007", 7, ""},
		{"cursor=", 20, ""},
		{"limit=5&cursor=" + cursor, 5, pageEnd},
		{"c%75rsor=%41" + cursor[1:], 20, pageEnd},
		{"cursor=AAAAAAAAAAAAAAAAAAAAAA", 20, "00000000-0000-0000-0000-000000000000"},
		{"Limit=5&CURSOR=a", 20, ""},
		{"limit=5&limit=6&cursor=a&cursor=" + cursor, 6, pageEnd},
		{"limit=0&cursor=" + cursor + "&limit=6&cursor=", 6, ""},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := respond.Page(get(tt.query))
			if want := (models.PageQuery{Limit: tt.limit, After: tt.after}); err != nil || got != want {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestPageReadsTheNextOfAPage(t *testing.T) {
	id := func(id string) string { return id }
	if next := models.NewPage([]string{pageEnd, "more"}, 1, id).Next; next == nil || *next != cursor {
		t.Errorf("%v, want %s", next, cursor)
	}
	if next := models.NewPage([]string{pageEnd}, 1, id).Next; next != nil {
		t.Errorf("on the last page: %s", *next)
	}
}

func TestPageRefusesACursor(t *testing.T) {
	for _, query := range []string{
		"x", "%21%21%21", "AAAA", cursor + "A", cursor[1:], cursor + "=", "'+OR+1=1+--", "%00", "%ff", pageEnd, "+" + cursor,
		cursor + "%0A", cursor[:21] + "h", // encoding/base64 reads both as the same id
		strings.Repeat("A", 20), strings.Repeat("A", 23), cursor + "&cursor=zz",
	} {
		t.Run(query, func(t *testing.T) {
			_, err := respond.Page(get("cursor=" + query))
			if got := faults(t, err); got != "["+badCursor+"]" {
				t.Errorf("faults %s", got)
			}
		})
	}
}

func TestPageHasEveryFault(t *testing.T) {
	tests := []struct{ query, want string }{
		{"limit=0&cursor=zz", tooSmall + "," + badCursor},
		{"cursor=zz&limit=ten", notInt + "," + badCursor},
		{"limit=%zz", badQuery},
		{"cursor=a;b", badQuery},
		{"limit=5;cursor=x", badQuery},
		{"other=1;limit=5", badQuery},
		{"%=1", badQuery},
		{"limit=5&limit=%", badQuery},
		{"cursor=zz&a=%zz&limit=101&b=;", badQuery + "," + tooLarge + "," + badCursor},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := respond.Page(get(tt.query))
			if sent := faults(t, err); sent != "["+tt.want+"]" || got != (models.PageQuery{}) {
				t.Errorf("faults %s\nwant  [%s]\nwith %+v", sent, tt.want, got)
			}
		})
	}
}

func TestTogether(t *testing.T) {
	a, b, c := models.FieldError{Type: "a"}, models.FieldError{Type: "b"}, models.FieldError{Type: "c"}
	for _, tt := range []struct {
		name string
		errs []error
		want []models.FieldError
	}{
		{"one", []error{nil, models.Invalid(a)}, []models.FieldError{a}},
		{"in their order", []error{models.Invalid(b), nil, models.Invalid(a, c)}, []models.FieldError{b, a, c}},
		{"wrapped", []error{fmt.Errorf("so: %w", models.Invalid(a)), models.Invalid(b)}, []models.FieldError{a, b}},
		{"without a fault", []error{models.Invalid()}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := refusal(t, respond.Together(tt.errs...), models.KindInvalid)
			if !reflect.DeepEqual(got.Fields, tt.want) || got.Error() != "Unprocessable Content" {
				t.Errorf("%v %+v, want %+v", got, got.Fields, tt.want)
			}
		})
	}

	large, unforeseen := models.TooLarge(), errors.New("unforeseen")
	for _, tt := range []struct {
		name string
		errs []error
		want error
	}{
		{"none", nil, nil},
		{"all well", []error{nil, nil}, nil},
		{"another kind", []error{models.Invalid(a), large}, large},
		{"the first of another kind", []error{large, unforeseen, models.Invalid(a)}, large},
		{"unforeseen", []error{models.Invalid(a), unforeseen}, unforeseen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := respond.Together(tt.errs...); got != tt.want { //nolint:errorlint // as it is
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestPageRefusesALimit(t *testing.T) {
	tests := []struct{ query, want string }{
		{"limit=0", tooSmall},
		{"limit=-1", tooSmall},
		{"limit=101", tooLarge},
		{"limit=9223372036854775807", tooLarge},
		{"limit=9223372036854775808", notInt},
		{"limit=", notInt},
		{"limit", notInt},
		{"limit=ten", notInt},
		{"limit=1.0", notInt},
		{"limit=1e1", notInt},
		{"limit=0x10", notInt},
		{"limit=%201", notInt},
		{"limit=1_0", notInt},
		{"limit=%D9%A3", notInt}, // an Arabic 3
		{"limit=1%00", notInt},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			_, err := respond.Page(get(tt.query))
			if got := faults(t, err); got != "["+tt.want+"]" {
				t.Errorf("faults %s\nwant  [%s]", got, tt.want)
			}
		})
	}
}

func TestPathUUID(t *testing.T) {
	const id = pageEnd
	tests := []struct{ param, want string }{
		{id, id},
		{"019A84AF-5607-7D02-99D1-F4B44F7858EA", id},
		{"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"},
		{"", ""},
		{"1", ""},
		{"019a84af56077d0299d1f4b44f7858ea", ""},
		{"{" + id + "}", ""},
		{"urn:uuid:" + id, ""},
		{id + " ", ""},
		{id[1:] + "g", ""},
		{id[:35] + "\x00", ""},
		{"019a84af-5607-7d02-99d1f-4b44f7858ea", ""},
		{"-019a84af5607-7d02-99d1-f4b44f7858ea", ""},
		{id[:32] + "é78", ""},
	}
	for _, tt := range tests {
		t.Run(tt.param, func(t *testing.T) {
			c := get("")
			c.Params = gin.Params{{Key: "other", Value: id}, {Key: "id", Value: tt.param}}
			got, err := respond.PathUUID(c, "id")
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Fatalf("%q, %v, want %q", got, err, tt.want)
			}
			if want := `[{"type":"uuid_parsing","loc":["path","id"],"msg":"Input should be a valid UUID"}]`; err != nil && faults(t, err) != want {
				t.Errorf("faults %s\nwant   %s", faults(t, err), want)
			}
		})
	}
}
