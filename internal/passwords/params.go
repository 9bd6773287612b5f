package passwords

import (
	"errors"
	"fmt"
)

// The most that a hash may ask for. A hash comes from the database, where an operator may have put another system's,
// and one login must not take the service's memory or seconds of its processor.
const (
	maxMemory      = 256 << 10 // KiB
	maxTime        = 32        // passes
	maxParallelism = 64        // lanes
	maxWork        = 2 << 20   // KiB times passes, some 2 to 3 seconds of one core

	memoryPerLane = 8 // KiB, the least that argon2 can work with (RFC 9106 §3.1)
)

// Params are argon2id's costs.
type Params struct {
	Memory      uint32 // KiB
	Time        uint32 // passes over the memory
	Parallelism uint8  // lanes
}

// DefaultParams answers OWASP's recommendation for a server: 19 MiB, two passes, one lane.
func DefaultParams() Params {
	return Params{Memory: 19 << 10, Time: 2, Parallelism: 1}
}

// owaspFloor lists the settings that OWASP's Password Storage Cheat Sheet holds to be equally strong, most memory
// first. Less memory has to be made up for by more passes.
var owaspFloor = []Params{
	{Memory: 46 << 10, Time: 1},
	{Memory: 19 << 10, Time: 2},
	{Memory: 12 << 10, Time: 3},
	{Memory: 9 << 10, Time: 4},
	{Memory: 7 << 10, Time: 5},
}

// Check reports why new passwords should not be hashed at these costs: they are below OWASP's floor, or above what
// Verify accepts. Its message is meant for the operator who set them.
func (p Params) Check() error {
	if err := p.checkBounds(); err != nil {
		return fmt.Errorf("argon2id: %w", err)
	}
	for _, floor := range owaspFloor {
		if p.Memory < floor.Memory {
			continue
		}
		if p.Time < floor.Time {
			return fmt.Errorf("argon2id: %d KiB of memory need a time of at least %d, not %d (OWASP)",
				p.Memory, floor.Time, p.Time)
		}
		return nil
	}
	return fmt.Errorf("argon2id: memory must be at least %d KiB, not %d (OWASP)",
		owaspFloor[len(owaspFloor)-1].Memory, p.Memory)
}

// checkBounds reports costs that argon2 cannot work with or that would take too much of the machine. Its errors hold
// none of the values, so that they can be told about a hash.
func (p Params) checkBounds() error {
	switch {
	case p.Parallelism < 1 || p.Parallelism > maxParallelism:
		return fmt.Errorf("parallelism must be 1 to %d", maxParallelism)
	case p.Memory < memoryPerLane*uint32(p.Parallelism) || p.Memory > maxMemory:
		return fmt.Errorf("memory must be %d KiB per lane to %d KiB", memoryPerLane, maxMemory)
	case p.Time < 1 || p.Time > maxTime:
		return fmt.Errorf("time must be 1 to %d", maxTime)
	case uint64(p.Memory)*uint64(p.Time) > maxWork:
		return errors.New("memory and time together would take some seconds")
	}
	return nil
}
