package respond_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
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

func TestPage(t *testing.T) {
	tests := []struct {
		query  string
		limit  int
		cursor string
	}{
		{"", 20, ""},
		{"limit=1", 1, ""},
		{"limit=100", 100, ""},
		{"limit=007", 7, ""},
		{"cursor=", 20, ""},
		{"limit=5&cursor=a%2Fb+c", 5, "a/b c"},
		{"Limit=5&CURSOR=a", 20, ""},
		{"limit=5&limit=6&cursor=a&cursor=b", 5, "a"},
		{"other=1;limit=5", 20, ""},
		{"cursor=%zz&limit=5", 5, ""},
		{"cursor=%00%ff", 20, "\x00\xff"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got, err := respond.Page(get(tt.query))
			if want := (models.PageQuery{Limit: tt.limit, Cursor: tt.cursor}); err != nil || got != want {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestPageRefusesALimit(t *testing.T) {
	const (
		notInt   = `[{"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer"}]`
		tooSmall = `[{"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1"}]`
		tooLarge = `[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100"}]`
	)
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
			if got := faults(t, err); got != tt.want {
				t.Errorf("faults %s\nwant   %s", got, tt.want)
			}
		})
	}
}

func TestPathUUID(t *testing.T) {
	const id = "019a84af-5607-7d02-99d1-f4b44f7858ea"
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
