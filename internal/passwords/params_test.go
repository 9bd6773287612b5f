package passwords

import (
	"strings"
	"testing"
)

func TestParamsCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		params Params
		want   string // part of the message; empty when the params are fine
	}{
		{"the default", DefaultParams(), ""},
		{"46 MiB once", Params{47104, 1, 1}, ""},
		{"just under 46 MiB once", Params{47103, 1, 1}, "need a time of at least 2, not 1"},
		{"19 MiB once", Params{19456, 1, 1}, "need a time of at least 2"},
		{"just under 19 MiB twice", Params{19455, 2, 1}, "need a time of at least 3"},
		{"12 MiB", Params{12288, 3, 1}, ""},
		{"just under 12 MiB", Params{12287, 3, 1}, "need a time of at least 4"},
		{"9 MiB", Params{9216, 4, 1}, ""},
		{"just under 9 MiB", Params{9215, 4, 1}, "need a time of at least 5"},
		{"7 MiB", Params{7168, 5, 1}, ""},
		{"just under 7 MiB", Params{7167, 32, 1}, "memory must be at least 7168 KiB, not 7167"},
		{"argon2-cffi's default", Params{65536, 3, 4}, ""},
		{"all that is allowed", Params{256 << 10, 8, 64}, ""},
		{"no lane", Params{19456, 2, 0}, "parallelism must be 1 to 64"},
		{"too many lanes", Params{19456, 2, 65}, "parallelism must be 1 to 64"},
		{"too much memory", Params{256<<10 + 1, 1, 1}, "memory must be 8 KiB per lane to 262144 KiB"},
		{"no time", Params{47104, 0, 1}, "time must be 1 to 32"},
		{"too many passes", Params{7168, 33, 1}, "time must be 1 to 32"},
		{"too much work", Params{256 << 10, 9, 1}, "some seconds"},
		{"nothing", Params{}, "parallelism"},
	} {
		err := c.params.Check()
		if c.want == "" && err != nil {
			t.Errorf("%s: got %v, want nil", c.name, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want an error that says %q", c.name, err, c.want)
		}
	}
}

func TestDefaultParamsAreOWASPs(t *testing.T) {
	if got, want := DefaultParams(), (Params{Memory: 19456, Time: 2, Parallelism: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
