package inbox

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Bytes that stay free beside a file: the journal and the log of the same disk go on.
const margin = 64 << 20

// errNoRoom says that the disk is too full for a file.
var errNoRoom = errors.New("the disk is full")

// checkRoom says whether so many more bytes fit onto the disk of a directory.
func checkRoom(directory string, bytes uint64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(directory, &disk); err != nil {
		return err
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < saturatingAdd(bytes, margin) {
		return errNoRoom
	}
	return nil
}
