package inbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/airway-net/airway/interop-tests/go-peer/journal"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// Quota is the bytes that all messages may take, MessageCost for each among them.
	Quota = 256 << 20
	// FilesQuota is the bytes that all files may take, complete or not, FileCost for each among them.
	FilesQuota = 10 << 30
)

// What the journal is called.
const journalName = "inbox.log"

// ErrClosed says that the inbox takes nothing any more.
var ErrClosed = errors.New("the inbox is closed")

// Inbox is the inbox of one home. Its methods may be called by several goroutines at once.
type Inbox struct {
	root string
	// What messages, and files, may take.
	quota, filesQuota uint64
	ledger            ledger
	jobs              chan *job
	// Guards jobs against being closed while somebody puts something in.
	door   sync.RWMutex
	closed bool
	done   chan struct{}
	// Used by the writer alone, once it runs.
	journal *journal.File

	// Held by whoever reads payloads, so that they stay where they are.
	reading sync.RWMutex
	mu      sync.Mutex
	state
	// Closed when something new is there.
	changed chan struct{}
}

// Open opens the inbox of a home, which is a directory that exists, and brings what a crash left behind into order.
func Open(home string) (*Inbox, error) {
	i := &Inbox{
		root:  filepath.Join(home, filesName),
		quota: Quota, filesQuota: FilesQuota,
		ledger:  newLedger(),
		jobs:    make(chan *job, jobQueue),
		done:    make(chan struct{}),
		changed: make(chan struct{}),
		state:   state{seen: make(map[key]accepted)},
	}
	path := filepath.Join(home, journalName)
	if err := i.load(path); err != nil {
		return nil, fmt.Errorf("the inbox cannot be read from %s: %w", path, err)
	}
	if _, err := i.Sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("received files cannot be listed: %w", err), i.journal.Close())
	}
	go i.write()
	return i, nil
}

// Close ends the inbox. What was put in line before is stored.
func (i *Inbox) Close() error {
	i.door.Lock()
	if i.closed {
		i.door.Unlock()
		return nil
	}
	i.closed = true
	close(i.jobs)
	i.door.Unlock()
	<-i.done
	return i.journal.Close()
}

// List returns what came after a place in the order of arrival, 0 for all, with payloads: at most so many items.
func (i *Inbox) List(after uint64, limit int) ([]Item, error) {
	i.reading.RLock()
	defer i.reading.RUnlock()
	i.mu.Lock()
	var found []entry
	for _, entry := range i.items {
		if entry.Seq > after && len(found) < limit {
			found = append(found, entry)
		}
	}
	i.mu.Unlock()
	items := make([]Item, 0, len(found))
	for _, entry := range found {
		entry.Message.Payload = make([]byte, entry.size)
		if _, err := i.journal.ReadAt(entry.Message.Payload, entry.at); err != nil {
			return nil, fmt.Errorf("a message cannot be read: %w", err)
		}
		items = append(items, entry.Item)
	}
	return items, nil
}

// Files returns the files.
func (i *Inbox) Files() []Item {
	i.mu.Lock()
	defer i.mu.Unlock()
	var files []Item
	for _, entry := range i.items {
		if entry.File != nil {
			files = append(files, entry.Item)
		}
	}
	return files
}

// Seqs returns the places of what has this id: several if several senders have chosen it.
func (i *Inbox) Seqs(messageID service.MessageID) []uint64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	var seqs []uint64
	for _, entry := range i.items {
		if entry.Message.ID == messageID {
			seqs = append(seqs, entry.Seq)
		}
	}
	return seqs
}

// Changed is closed when something has come that is not there yet.
func (i *Inbox) Changed() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.changed
}

// Clear forgets items by their places in the order of arrival, which makes room for others, and deletes those that are
// files. Their ids stay remembered.
func (i *Inbox) Clear(seqs ...uint64) error {
	if len(seqs) > maxCleared {
		return fmt.Errorf("%d items are over the limit of %d that are cleared at once", len(seqs), maxCleared)
	}
	if len(seqs) == 0 {
		return nil
	}
	gone := make(map[uint64]bool, len(seqs))
	for _, seq := range seqs {
		gone[seq] = true
	}
	var files []string
	i.mu.Lock()
	for _, entry := range i.items {
		if gone[entry.Seq] && entry.File != nil {
			files = append(files, filepath.Dir(entry.File.Path))
		}
	}
	i.mu.Unlock()
	switch answer, ok := <-i.enqueue(&job{clear: seqs}); {
	case !ok:
		return ErrClosed
	case answer != service.Stored:
		return errors.New("the journal could not be written")
	}
	var errs []error
	for _, directory := range files {
		errs = append(errs, os.RemoveAll(directory))
	}
	return errors.Join(errs...)
}
