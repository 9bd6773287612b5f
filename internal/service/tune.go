package service

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// cores is how many hashes may run at once: as many as the machine, or the
// container's limit, has room for. Tune changes what it is made of, so it is
// asked for once, before that.
var cores = sync.OnceValue(func() int { return min(runtime.GOMAXPROCS(0), runtime.NumCPU()) })

// Tune fits the Go runtime of this process to the service, for as long as the
// process lives. What GOMAXPROCS, GOGC and GOMEMLIMIT say in the environment
// is left as it is.
//
// While hashes keep all cores busy, Go's own scheduler lets a request wait for
// up to 10 ms at each step. With twice as many threads as there are cores one
// is free to take it, and the kernel finds it time within a few milliseconds.
func Tune() {
	if threads := 2 * cores(); os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(threads)
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		ballast = newBallast()
	}
}

// ballast makes the garbage collector wait for as much more garbage. A hash
// leaves 19 MiB, and a small heap would be collected at every other login,
// which makes all threads wait for each other.
//
// It is never touched, so it is no memory but only addresses. Unlike a memory
// limit it lets a heap that has to be large be so, and unlike a higher GOGC
// it adds the same however many hashes are under way when it counts.
var ballast [][]byte

const (
	ballastSize  = 64 << 20
	ballastPiece = 1 << 20
)

// newBallast is in pieces because Go clears those of them that lie where
// memory was used before.
func newBallast() [][]byte {
	pieces := make([][]byte, ballastSize/ballastPiece)
	for i := range pieces {
		pieces[i] = make([]byte, ballastPiece)
	}
	return pieces
}

const (
	// idleCheck is how often the service looks whether it has nothing to do.
	idleCheck = 5 * time.Second
	// idleBytes is less than what requests allocate in that time, and more
	// than what goes on beside them does.
	idleBytes = 1 << 20
	// worthReturning is how many bytes of garbage are worth a collection.
	worthReturning = 8 << 20
)

// returnMemory gives what a busy time left behind back to the system, once
// there is nothing to do: the ballast keeps Go from doing so by itself.
func returnMemory(ctx context.Context) {
	ticker := time.NewTicker(idleCheck)
	defer ticker.Stop()
	returned, before := uint64(0), allocated()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := allocated()
		if now-before < idleBytes && now-returned > worthReturning {
			debug.FreeOSMemory()
			returned = allocated()
		}
		before = now
	}
}

// allocated is how many bytes the process has allocated in its life.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
