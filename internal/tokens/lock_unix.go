//go:build !windows

package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockKeyFile waits until nobody else has the key file locked. The lock is on
// its folder: the file itself is replaced under the lock, and a file made for
// the purpose would be left lying about. It ends with the process.
func lockKeyFile(path string) (unlock func() error, err error) {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return folder.Close, nil
}

// keepOwner gives a new file to the owner and the group of old, who may be
// others when root rotates the keys of a service.
func keepOwner(file *os.File, old fs.FileInfo) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	want, ok := old.Sys().(*syscall.Stat_t)
	has, too := info.Sys().(*syscall.Stat_t)
	if !ok || !too || want.Uid == has.Uid && want.Gid == has.Gid {
		return nil
	}
	if err := file.Chown(int(want.Uid), int(want.Gid)); err != nil {
		return fmt.Errorf("the new file cannot belong to the old one's owner (user %d, group %d): %w", want.Uid, want.Gid, err)
	}
	return nil
}
