package inbox

import (
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// KeepPartial is how long what has come of a file is kept for its sender to go on with.
const KeepPartial = 7 * 24 * time.Hour

// path is where a file lies.
func (i *Inbox) path(which fileKey, name string) string {
	return filepath.Join(i.directory(which), name)
}

// directory is the directory of a file: one for each, so that no name that a peer chooses meets another.
func (i *Inbox) directory(which fileKey) string {
	return filepath.Join(i.root, which.sender.String(), which.id.String())
}

// Sweep deletes what nobody can go on with or read, counts what somebody can, and returns how many files it deleted. It is
// done when the inbox is opened; once an hour is enough.
func (i *Inbox) Sweep() (int, error) {
	known, held := i.known()
	deleted := 0
	for which := range directories(i.root) {
		// Whoever has the turn looks after it.
		slot := i.ledger.tryEnter(which)
		if slot == nil {
			continue
		}
		bytes, used, err := measure(i.directory(which))
		switch {
		case held[which]:
			slot.kept = 0
		case err == nil && !known[which] && time.Since(used) < KeepPartial:
			slot.kept = max(bytes, 1)
		case err == nil:
			// Cleared, or given up.
			slot.kept = 0
			deleted++
			err = os.RemoveAll(i.directory(which))
		}
		slot.release()
		if err != nil && !isMissing(err) {
			return deleted, err
		}
	}
	return deleted, nil
}

// known is what was accepted, and what of it is a file in the inbox.
func (i *Inbox) known() (known, held map[fileKey]bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	known, held = make(map[fileKey]bool), make(map[fileKey]bool)
	for which := range i.seen {
		known[which.file()] = true
	}
	for _, entry := range i.items {
		if entry.File != nil {
			held[key{entry.From, entry.Message.ID}.file()] = true
		}
	}
	return known, held
}

// directories are all directories of files; what is called otherwise is not ours.
func directories(root string) iter.Seq[fileKey] {
	return func(yield func(fileKey) bool) {
		for _, sender := range names(root) {
			fingerprint, err := id.ParseFingerprint(sender)
			if err != nil {
				continue
			}
			for _, name := range names(filepath.Join(root, sender)) {
				messageID, err := service.ParseMessageID(name)
				if err == nil && !yield(fileKey{fingerprint, messageID}) {
					return
				}
			}
		}
	}
}

// names lists a directory: nothing if it cannot be read.
func names(directory string) []string {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// measure is how much is in a directory, and when something was last written into it.
func measure(directory string) (bytes uint64, used time.Time, err error) {
	found, err := os.Stat(directory)
	if err != nil {
		return 0, time.Time{}, err
	}
	used = found.ModTime()
	entries, err := os.ReadDir(directory)
	for _, entry := range entries {
		found, err := entry.Info()
		if err != nil {
			return 0, used, err
		}
		bytes += uint64(found.Size())
		if found.ModTime().After(used) {
			used = found.ModTime()
		}
	}
	return bytes, used, err
}
