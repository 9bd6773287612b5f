package passwords

import (
	"runtime"
	"testing"
)

// BenchmarkHash is one hash at the default costs, on an idle machine.
func BenchmarkHash(b *testing.B) {
	h := NewHasher(DefaultParams(), NewGate(1, 0))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHashAllCores is a storm of logins: eight callers for each core, of which the gate runs one.
func BenchmarkHashAllCores(b *testing.B) {
	const callersPerCore = 8
	cores := runtime.GOMAXPROCS(0)
	h := NewHasher(DefaultParams(), NewGate(cores, callersPerCore*cores))
	b.SetParallelism(callersPerCore)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.Hash(b.Context(), "correct horse battery staple"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
