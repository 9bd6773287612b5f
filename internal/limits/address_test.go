package limits_test

import (
	"testing"
	"time"

	"latchkey/internal/limits"
)

func TestFormsOfAddresses(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	for i, test := range []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "::ffff:c000:201", true},
		{"192.0.2.1", "::FFFF:192.0.2.1", true},
		{"192.0.2.1", "::ffff:192.0.2.2", false},
		{"192.0.2.1", "::192.0.2.1", false}, // deprecated, and not mapped
		{"2001:db8:1:2::1", "2001:db8:1:2::2", true},
		{"2001:db8:1:2::1", "2001:DB8:0001:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2", true},
		{"", "unknown", false},
		{"unknown", "unknown", true},
		{"192.0.2.1", "192.0.2.01", false}, // not an address
		{"192.0.2.1", " 192.0.2.1", false},
	} {
		c.move(24 * time.Hour)
		n, wait := storm(t, l, func(int) limits.Attempt { return login(account(i), test.one) })
		if n != 5 || wait != 2*time.Second {
			t.Errorf("%q: %d are free, then %s", test.one, n, wait)
		}
		if _, wait := take(t, l, login(account(i), test.other)); (wait > 0) != test.same {
			t.Errorf("%q and %q: the wait is %s", test.one, test.other, wait)
		}
	}
}

// No account and address look together like others do.
func TestKeysDoNotCollide(t *testing.T) {
	l, _ := newLimiter(t, newClock())
	pairs := [][2]string{
		{"a", "b c"},
		{"a b", "c"},
		{`a" "b`, "c"},
		{"a", `b" "c`},
		{"", "abc"},
		{"abc", ""},
		{"a\x00b", "c"},
		{"a", "b\x00c"},
		{"\xff", "x"},
		{"\xfe", "x"},
		{"\ufffd", "x"},
		{`\xff`, "x"},
	}
	for _, p := range pairs {
		if n, _ := storm(t, l, func(int) limits.Attempt { return login(p[0], p[1]) }); n != 5 {
			t.Errorf("%q: %d are free", p, n)
		}
	}
}
