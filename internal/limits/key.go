package limits

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
)

// counter is what an attempt counts against.
type counter struct {
	rule
	key string
}

func countersOf(a Attempt) ([]counter, error) {
	rules := rules[a.Action]
	if len(rules) == 0 {
		return nil, fmt.Errorf("no limits for the action %q", a.Action)
	}
	counters := make([]counter, 0, len(rules))
	for _, r := range rules {
		counters = append(counters, counter{r, key(r.kind, a)})
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

func keys(counters []counter) []string {
	keys := make([]string, 0, len(counters))
	for _, c := range counters {
		keys = append(keys, c.key)
	}
	return keys
}
