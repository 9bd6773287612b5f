package models

import "time"

// AttemptCount is how often something was tried that may be tried only so often.
type AttemptCount struct {
	Key          string    // a hash of what is limited
	Count        int       // zero where nothing is known of the key
	BlockedUntil time.Time // until then it may not be tried again
	ExpiresAt    time.Time // when all that was counted is forgotten
}
