package rules

import (
	"encoding/json"
	"sync"

	"github.com/ccojocar/zxcvbn-go/data"
)

// isCommon is true for a folded password that is among the most common ones: the 7,141 of zxcvbn, and first names, for
// its lists have each word once, and jennifer is not with the passwords. Only its data is used: the packages that
// estimate entropy take 37 ms and 18 MB at every start.
func isCommon(folded string) bool {
	_, ok := commonPasswords()[folded]
	return ok
}

// commonPasswords takes some milliseconds when it is first called, and none before.
var commonPasswords = sync.OnceValue(func() map[string]struct{} {
	set := make(map[string]struct{})
	for _, name := range []string{"Passwords", "MaleNames", "FemaleNames"} {
		for _, p := range mustList(name) {
			set[foldPassword(p)] = struct{}{}
		}
	}
	return set
})

// mustList reads one of zxcvbn's lists, which are compiled in.
func mustList(name string) []string {
	var asset struct{ List []string }
	raw, err := data.Asset("data/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &asset)
	}
	if err != nil {
		panic(err) //nolint:forbidigo // the tests read every list; to go on without one were worse
	}
	return asset.List
}
