package cli

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/tokens"
)

type keysCommands struct {
	List   keysList   `cmd:"" help:"List the signing keys: which one signs, and until when the others verify."`
	Rotate keysRotate `cmd:"" help:"Sign with a new key from now on. The old ones go on verifying while a token may need them."`
}

type keysList struct {
	config.Keys
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the keys.
func (cmd keysList) Run(streams Streams) error {
	if err := settingsFault(cmd.Check()); err != nil {
		return err
	}
	keys, err := tokens.ReadKeyFile(cmd.KeyPath())
	if err != nil {
		return err
	}
	lines := describeKeys(keys.List(cmd.AccessTokenTTL), time.Now())
	if cmd.JSON {
		return printJSON(streams.Out, lines)
	}
	return printKeys(streams.Out, lines)
}

type keysRotate struct {
	config.Keys
	Algorithm string `enum:"ES256,RS256,EdDSA," default:"" placeholder:"ALG" help:"ES256, RS256 or EdDSA (that of the key that signs now)."`
}

// Run makes a new key.
func (cmd keysRotate) Run(streams Streams) error {
	if err := settingsFault(cmd.Check()); err != nil {
		return err
	}
	keys, dropped, err := tokens.RotateKeyFile(cmd.KeyPath(), tokens.Rotation{
		Algorithm: cmd.Algorithm, TTL: cmd.AccessTokenTTL, Now: time.Now,
	})
	if err != nil {
		return err
	}
	signing := keys.List(cmd.AccessTokenTTL)[0]
	fmt.Fprintf(streams.Out, "Signing with %s (%s) from now on.\n", signing.ID, signing.Algorithm)
	for _, k := range dropped {
		fmt.Fprintf(streams.Out, "Dropped %s (%s), which no token needs any more.\n", k.ID, k.Algorithm)
	}
	return nil
}

// The states of a key.
const (
	keySigning   = "signing"
	keyVerifying = "verifying"
	keyEnded     = "ended" // the next rotation drops it
)

// keyLine is what is printed of a key.
type keyLine struct {
	ID        string     `json:"kid"`
	Algorithm string     `json:"algorithm"`
	State     string     `json:"state"`
	Retired   *time.Time `json:"retired"`
	Until     *time.Time `json:"verifies_until"` // null means for ever
}

func describeKeys(keys []tokens.KeyInfo, now time.Time) []keyLine {
	lines := make([]keyLine, len(keys))
	for n, k := range keys {
		state := keyVerifying
		if k.Signing {
			state = keySigning
		} else if !k.Until.IsZero() && !now.Before(k.Until) {
			state = keyEnded
		}
		lines[n] = keyLine{k.ID, k.Algorithm, state, known(k.Retired), known(k.Until)}
	}
	return lines
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func printKeys(w io.Writer, lines []keyLine) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KID\tALGORITHM\tSTATE\tVERIFIES UNTIL")
	for _, k := range lines {
		until := "-"
		if k.Until != nil {
			until = k.Until.Format(timeLayout)
		} else if k.State == keyVerifying {
			until = "for ever"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", k.ID, k.Algorithm, k.State, until)
	}
	return table.Flush()
}
