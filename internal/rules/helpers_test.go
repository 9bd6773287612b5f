package rules_test

import (
	"errors"
	"strings"
	"testing"

	"latchkey/internal/rules"
)

// fault fails the test where err is not a fault in Pydantic's words that keeps the value to itself. It returns the fault's type, or "".
func fault(t *testing.T, value string, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var f *rules.Fault
	if !errors.As(err, &f) {
		t.Fatalf("%q: %v is a %T", value, err, err)
	}
	starts := map[string]string{
		"string_too_short": "String should have at least ",
		"string_too_long":  "String should have at most ",
		"value_error":      "Value error, ",
	}
	start, known := starts[f.Type]
	if !known || !strings.HasPrefix(f.Msg, start) || f.Error() == "" || strings.HasPrefix(f.Error(), start) {
		t.Errorf("%q: %s, %q, %q", value, f.Type, f.Msg, f.Error())
	}
	return f.Type
}

const (
	good     = ""
	tooShort = "string_too_short"
	tooLong  = "string_too_long"
	other    = "value_error"
)
