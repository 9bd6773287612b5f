package service

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"
)

// untuned gives the runtime back what it had before the test.
func untuned(t *testing.T) {
	t.Helper()
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(before)
		ballast = nil
		debug.FreeOSMemory()
	})
	for _, name := range []string{"GOMAXPROCS", "GOGC", "GOMEMLIMIT"} {
		t.Setenv(name, "")
	}
}

func TestTune(t *testing.T) {
	untuned(t)
	want := cores()
	Tune()
	if got := runtime.GOMAXPROCS(0); got != 2*want {
		t.Errorf("%d threads for %d cores", got, want)
	}
	if cores() != want {
		t.Errorf("%d hashes at once, want %d", cores(), want)
	}
	if len(ballast)*ballastPiece != ballastSize {
		t.Errorf("%d pieces of ballast", len(ballast))
	}
}

func TestTuneLeavesWhatIsSet(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS"} {
		t.Run(name, func(t *testing.T) {
			untuned(t)
			t.Setenv(name, "100")
			before := runtime.GOMAXPROCS(0)
			Tune()
			if changed := runtime.GOMAXPROCS(0) != before; changed != (name != "GOMAXPROCS") {
				t.Errorf("%d threads, before %d", runtime.GOMAXPROCS(0), before)
			}
			if some := ballast != nil; some != (name == "GOMAXPROCS") {
				t.Errorf("ballast: %t", some)
			}
		})
	}
}

func TestMemoryIsReturnedWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 64 << 20
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go returnMemory(ctx)
		synctest.Wait()
		fill(size)
		held := inMemory()
		<-time.NewTimer(3 * idleCheck).C // in the bubble's time
		synctest.Wait()
		if now := inMemory(); now > held-size/2 {
			t.Errorf("%d MiB were held, now %d", held>>20, now>>20)
		}
	})
}

// fill makes garbage that was touched.
func fill(size int) {
	garbage := make([]byte, size)
	for i := range garbage {
		garbage[i] = 1
	}
	runtime.KeepAlive(garbage)
}

// inMemory is how many bytes of the heap the system holds for the process.
func inMemory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(samples)
	total := uint64(0)
	for _, s := range samples {
		total += s.Value.Uint64()
	}
	return total
}
