package tokens

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
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
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("larger than %d bytes, so not a key file", maxKeyFile)
	}
	set, err := ParseKeys(text)
	if err != nil {
		return nil, err
	}
	set.exposed = isExposed(info)
	return set, nil
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
	text, err := generateKey()
	if err != nil {
		return err
	}
	temp, err := writeTemp(path, text)
	if err != nil {
		return err
	}
	err = os.Link(temp, path)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(temp), syncFolder(filepath.Dir(path)))
}

// generateKey makes a P-256 key in PEM.
func generateKey() ([]byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// writeTemp writes text through to the disk in a new file beside path, which
// os.CreateTemp makes with mode 0600, and returns that file's name.
func writeTemp(path string, text []byte) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
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
