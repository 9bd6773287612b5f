package tokens

import (
	"cmp"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Rotation says how RotateKeyFile is to go about it.
type Rotation struct {
	// Algorithm of the new key: ES256, RS256 or EdDSA; empty means that of the
	// key which signs now.
	Algorithm string
	// TTL is how long the tokens live that were signed with the file's keys.
	TTL time.Duration
	Now func() time.Time
}

// RotateKeyFile puts a new key in front of those of a file that is there
// already. The key that signed is marked as retired; it and the ones before it
// go on verifying. Those that no token can need any more (TTL and
// RetirementMargin after they were retired) are left out, and returned.
//
// The file is replaced in one step, so that a reader finds the old text or the
// new one, also after a crash; owner and mode stay. Rotations at once take
// place one after the other. Every error names the file.
func RotateKeyFile(path string, r Rotation) (rotated *KeySet, dropped []KeyInfo, err error) {
	// A symbolic link stays; what it leads to is replaced.
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, nil, fmt.Errorf("key file %s: %w", path, err)
	}
	unlock, err := lockKeyFile(target)
	if err != nil {
		return nil, nil, fmt.Errorf("key file %s: lock it: %w", path, err)
	}
	rotated, dropped, err = r.rotate(target)
	if err = errors.Join(err, unlock()); err != nil {
		return nil, nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return rotated, dropped, nil
}

// rotate does it, with the file locked.
func (r Rotation) rotate(path string) (rotated *KeySet, dropped []KeyInfo, err error) {
	old, err := readKeyFile(path)
	if err != nil {
		return nil, nil, err
	}
	now := r.Now()
	fresh, err := generateKey(cmp.Or(r.Algorithm, old.keys[0].public.Algorithm))
	if err != nil {
		return nil, nil, err
	}
	text := pem.EncodeToMemory(fresh)
	for n, k := range old.keys {
		switch {
		case n == 0:
			text = append(text, pem.EncodeToMemory(retire(k.block, now))...)
		case k.needed(now, r.TTL):
			text = append(text, pem.EncodeToMemory(k.block)...)
		}
	}
	// What could not be read again must not replace what can.
	if rotated, err = parseKeyFile(text); err != nil {
		return nil, nil, err
	}
	if err := replaceFile(path, text, old.file); err != nil {
		return nil, nil, fmt.Errorf("replace it: %w", err)
	}
	dropped = slices.DeleteFunc(old.List(r.TTL), func(k KeyInfo) bool { return rotated.byID[k.ID] != nil })
	return rotated, dropped, nil
}

// replaceFile puts text in the place of the file at path, with the owner and
// the mode of old. The caller has the file locked. What an earlier call left
// behind when it was killed is removed: it may hold private keys.
func replaceFile(path string, text []byte, old fs.FileInfo) error {
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(keepOwner(file, old), file.Chmod(old.Mode().Perm()))
	if err = errors.Join(err, writeThrough(file, text)); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return syncFolder(filepath.Dir(path))
}
