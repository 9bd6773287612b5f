package tokens

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// lockKeyFile waits until nobody else has the key file locked. The lock is on
// a file beside it, for Windows cannot lock a folder. It ends with the process.
func lockKeyFile(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, new(windows.Overlapped))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}

// keepOwner does nothing: a new file's rights come from its folder.
func keepOwner(*os.File, fs.FileInfo) error { return nil }
