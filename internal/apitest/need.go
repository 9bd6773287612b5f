package apitest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Need skips the test where the machine lacks something, or fails it where
// LATCHKEY_TEST_REQUIRE, a list with commas, names that thing.
func Need(tb testing.TB, thing string, found bool) {
	tb.Helper()
	switch {
	case found:
	case slices.Contains(strings.Split(os.Getenv("LATCHKEY_TEST_REQUIRE"), ","), thing):
		tb.Fatalf("%s is required and not to be had", thing)
	default:
		tb.Skipf("needs %s", thing)
	}
}
