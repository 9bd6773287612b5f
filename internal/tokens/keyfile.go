package tokens

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/go-jose/go-jose/v4"
)

// maxKeyFile bounds what is read of a key file, in bytes. A hundred RSA keys
// fit; a path that names a disk or a database does not.
const maxKeyFile = 256 << 10

// OpenKeyFile reads the keys of a PEM file (see ParseKeys). Where there is no
// file it makes one with a new P-256 key, mode 0600; of several processes that
// start at once, one makes it and all read the same key. The folder must be
// there already.
//
// Every error names the file, and the block where it is about one.
func OpenKeyFile(path string) (*KeySet, error) {
	set, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKeyFile(path); err != nil {
			return nil, fmt.Errorf("create key file %s: %w", path, err)
		}
		set, err = readKeyFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return set, nil
}

// RereadKeyFile reads the key file again where it is not the one that the set
// was read from: another file, another size or another time of change. It
// returns the set itself where nothing changed. Every error names the file; it
// never makes one.
func RereadKeyFile(path string, set *KeySet) (*KeySet, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if sameVersion(info, set.file) {
		return set, nil
	}
	changed, err := readKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return changed, nil
}

// sameVersion reports whether nobody wrote between the two looks at a file.
func sameVersion(a, b fs.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// ReadKeyFile reads the keys of a file that is there already. Every error
// names the file.
func ReadKeyFile(path string) (*KeySet, error) {
	set, err := readKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return set, nil
}

func readKeyFile(path string) (*KeySet, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	set, err := parseKeyFile(text)
	if err != nil {
		return nil, err
	}
	set.file = info
	return set, nil
}

// parseKeyFile reads what would be all of a key file.
func parseKeyFile(text []byte) (*KeySet, error) {
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("larger than %d bytes, so not a key file", maxKeyFile)
	}
	return ParseKeys(text)
}

// isExposed reports whether group or others have any right to the file.
// Windows has no such bits and always shows them as set.
func isExposed(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
}

// createKeyFile puts a new key at path unless a file is there already. The key
// is complete on disk before it gets its name, and a link, other than a rename,
// never replaces the key of a process that was faster.
func createKeyFile(path string) error {
	block, err := generateKey(string(jose.ES256))
	if err != nil {
		return err
	}
	temp, err := writeTemp(path, pem.EncodeToMemory(block))
	if err != nil {
		return err
	}
	err = os.Link(temp, path)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(temp), syncFolder(filepath.Dir(path)))
}

// writeTemp writes text through to the disk in a new file beside path, which
// os.CreateTemp makes with mode 0600, and returns that file's name.
func writeTemp(path string, text []byte) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	if err := writeThrough(file, text); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// writeThrough writes text through to the disk and closes the file.
func writeThrough(file *os.File, text []byte) error {
	_, err := file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder makes a new name in the folder survive a power cut. Windows
// cannot sync a folder, and does not need to.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
