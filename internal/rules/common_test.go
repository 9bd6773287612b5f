package rules

import "testing"

func TestCommonPasswords(t *testing.T) {
	for name, want := range map[string]int{"Passwords": 7141, "MaleNames": 1004, "FemaleNames": 3815} {
		if n := len(mustList(name)); n != want {
			t.Errorf("%s has %d entries, not %d", name, n, want)
		}
	}
	for _, p := range []string{"password", "jennifer", "1q2w3e4r", "0.0.0.000"} {
		if !isCommon(p) {
			t.Errorf("%s is not common", p)
		}
	}
}

func BenchmarkCommonPasswords(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, name := range []string{"Passwords", "MaleNames", "FemaleNames"} {
			mustList(name)
		}
	}
}
