package limits

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"

	"latchkey/models"
)

// counter is what an attempt counts against.
type counter struct {
	rule
	key    string
	exempt bool // it counts, and neither is blocked nor blocks
}

func countersOf(a Attempt) ([]counter, error) {
	rules := rules[a.Action]
	if len(rules) == 0 {
		return nil, fmt.Errorf("no limits for the action %q", a.Action)
	}
	counters := make([]counter, 0, len(rules))
	for _, r := range rules {
		counters = append(counters, counter{rule: r, key: key(r.kind, a)})
	}
	return counters, nil
}

// key is a hash, so that nothing that was typed is kept.
func key(k kind, a Attempt) string {
	account, address := a.Account, network(a.Address)
	switch k {
	case byAddress:
		account = ""
	case byAccount:
		address = ""
	case byPair:
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q %q", a.Action, k, account, address))
	return hex.EncodeToString(sum[:])
}

// network is what one client has of the address space: an IPv6 address stands
// for its /64, any of which is the client's to choose.
func network(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// SameClient reports whether two addresses count as one client's.
func SameClient(a, b string) bool { return network(a) == network(b) }

// exempt are the counters with one kind of them exempt.
func exempt(counters []counter, k kind) []counter {
	counters = slices.Clone(counters)
	for i := range counters {
		counters[i].exempt = counters[i].exempt || counters[i].kind == k
	}
	return counters
}

func counterOf(counters []counter, c models.AttemptCount) counter {
	i := slices.IndexFunc(counters, func(o counter) bool { return o.key == c.Key })
	return counters[i]
}

func keys(counters []counter) []string {
	keys := make([]string, 0, len(counters))
	for _, c := range counters {
		keys = append(keys, c.key)
	}
	return keys
}
