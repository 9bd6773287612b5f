package limits_test

import (
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/limits"
)

func BenchmarkTake(b *testing.B) {
	clock := newClock()
	l := limits.New(open(b, filepath.Join(b.TempDir(), "latchkey.db"), clock.now), clock.now, true)
	b.Run("allowed", func(b *testing.B) {
		for b.Loop() {
			clock.move(time.Hour)
			if _, wait := take(b, l, login("joe", "192.0.2.1")); wait > 0 {
				b.Fatal(wait)
			}
		}
	})
	b.Run("succeeded", func(b *testing.B) {
		permit := pass(b, l, login("joe", "192.0.2.2"))
		for b.Loop() {
			succeed(b, permit)
		}
	})
	b.Run("refused", func(b *testing.B) {
		storm(b, l, func(int) limits.Attempt { return login("bob", "192.0.2.3") })
		for b.Loop() {
			if _, wait := take(b, l, login("bob", "192.0.2.3")); wait == 0 {
				b.Fatal("it is let through")
			}
		}
	})
}
