package inbox

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	// RememberIDs is how long the id of a message is remembered at least: longer than any sender goes on trying.
	RememberIDs = 30 * 24 * time.Hour
	// RememberAtLeast is how many ids are remembered at least, however old: a clock that jumps ahead must not forget them
	// all.
	RememberAtLeast = 100_000
)

// Bytes of a journal below which it is not worth writing it anew.
const smallJournal = 1 << 20

// load reads the journal, cuts off what a crash left of a record, and writes it anew if most of it is of no use any more.
func (i *Inbox) load(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, private)
	if err != nil {
		return err
	}
	i.journal = file
	i.end, err = readJournal(file, func(r *record, payload []byte, at int64) error {
		return i.apply(r, at, len(payload), i.path)
	})
	if err == nil {
		err = file.Truncate(i.end)
	}
	if err == nil && i.end > smallJournal && i.wasted() {
		err = i.compact(path)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(err, i.journal.Close())
	}
	return nil
}

// tidy writes the journal anew while the inbox is in use, once most of it is of no use. If that cannot be done, the journal
// stays as it is; if it fails at the end, nobody knows what is there, and nothing is stored until the inbox is opened again.
func (i *Inbox) tidy() {
	i.reading.Lock()
	defer i.reading.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.failed != nil || i.end <= smallJournal || !i.wasted() {
		return
	}
	home, former := filepath.Dir(i.root), i.journal
	err := i.compact(filepath.Join(home, journalName))
	if i.journal == former {
		return
	}
	if err = errors.Join(err, syncDirectory(home)); err != nil {
		i.failed = fmt.Errorf("the journal could not be written anew: %w", err)
	}
}

// wasted says whether more than half of the journal is of no use: messages that were cleared, and ids to forget.
func (i *Inbox) wasted() bool {
	return int64(i.used)+int64(len(i.seen)*recordHead*16) < i.end/2
}

// compact writes a journal beside the one that is there, and puts it into its place.
func (i *Inbox) compact(path string) (err error) {
	beside, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, private)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, beside.Close(), os.Remove(beside.Name()))
		}
	}()
	held := make(map[uint64]bool, len(i.items))
	for _, entry := range i.items {
		held[entry.Seq] = true
	}
	var end int64
	write := func(r *record, payload []byte) error {
		record, err := appendRecord(nil, r, payload)
		if err != nil {
			return err
		}
		end += int64(len(record))
		_, err = beside.Write(record)
		return err
	}
	if err := i.writeSeen(write); err != nil {
		return err
	}
	if _, err := i.journal.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = readJournal(i.journal, func(r *record, payload []byte, _ int64) error {
		if r.Op == opClear || r.Op == opSeen || !held[r.Seq] {
			return nil
		}
		return write(r, bytes.Clone(payload))
	})
	if err != nil {
		return err
	}
	// What may not be on the disk does not take the place of what is.
	if err := beside.Sync(); err != nil {
		return err
	}
	if err := os.Rename(beside.Name(), path); err != nil {
		return err
	}
	err = i.journal.Close()
	i.journal, i.end = beside, end
	if err != nil {
		return err
	}
	return i.reload()
}

// reload reads the state from the journal, in which payloads lie elsewhere than before.
func (i *Inbox) reload() error {
	if _, err := i.journal.Seek(0, io.SeekStart); err != nil {
		return err
	}
	lastSeq := i.lastSeq
	i.state = state{seen: make(map[key]accepted), lastSeq: lastSeq}
	_, err := readJournal(i.journal, func(r *record, payload []byte, at int64) error {
		return i.apply(r, at, len(payload), i.path)
	})
	return err
}

// writeSeen writes the ids of what was cleared, but for those that may be forgotten.
func (i *Inbox) writeSeen(write func(r *record, payload []byte) error) error {
	held := make(map[key]bool, len(i.items))
	for _, entry := range i.items {
		held[key{entry.From, entry.Message.ID}] = true
	}
	type remembered struct {
		key
		accepted
	}
	var ids []remembered
	for which, before := range i.seen {
		if !held[which] {
			ids = append(ids, remembered{which, before})
		}
	}
	slices.SortFunc(ids, func(a, b remembered) int { return cmp.Compare(a.position, b.position) })
	oldest := uint64(max(0, time.Now().Add(-RememberIDs).UnixMilli()))
	for at, one := range ids {
		if one.receivedAt < oldest && len(ids)-at > RememberAtLeast {
			continue
		}
		r := &record{Op: opSeen, From: one.from[:], ID: one.id[:], ReceivedAt: one.receivedAt, Content: one.content[:]}
		r.Seq = i.lastSeq
		if err := write(r, nil); err != nil {
			return err
		}
	}
	return nil
}

func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}

// isMissing says that a file or directory is not there.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
