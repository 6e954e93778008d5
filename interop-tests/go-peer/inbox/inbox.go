package inbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
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
	journal *os.File
	end     int64
	failed  error

	mu sync.Mutex
	state
	// Closed when something new is there.
	changed chan struct{}
}

// state is what the journal says, in memory but for payloads. Guarded by Inbox.mu.
type state struct {
	// In the order of arrival.
	items []entry
	seen  map[key]accepted
	// What all messages, and all files, cost.
	used, filesUsed uint64
	lastSeq         uint64
}

// entry is an item whose payload, if it has one, is in the journal.
type entry struct {
	Item
	at   int64
	size int
}

// accepted is what is remembered of an id.
type accepted struct {
	content    [32]byte
	receivedAt uint64
	// Its place among all that are remembered.
	position uint64
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

// apply brings a record into the state.
func (s *state) apply(r *record, at int64, size int, path func(fileKey, string) string) error {
	switch r.Op {
	case opClear:
		s.clear(r.Cleared)
		return nil
	case opMessage, opFile, opSeen:
	default:
		return fmt.Errorf("a record says %q, which this version does not know", r.Op)
	}
	from, err := agentOf(r.From)
	if err != nil {
		return err
	}
	messageID, err := service.MessageIDOf(r.ID)
	if err != nil {
		return err
	}
	which := key{from, messageID}
	if len(r.Content) != 32 {
		return errTorn
	}
	s.seen[which] = accepted{[32]byte(r.Content), r.ReceivedAt, uint64(len(s.seen))}
	s.lastSeq = max(s.lastSeq, r.Seq)
	if r.Op == opSeen {
		return nil
	}
	item := Item{Seq: r.Seq, From: from, ReceivedAt: r.ReceivedAt}
	item.Message = service.Message{ID: messageID, Kind: service.Kind(r.Kind), SentAt: r.SentAt}
	if r.ReplyTo != nil {
		replyTo, err := service.MessageIDOf(r.ReplyTo)
		if err != nil {
			return err
		}
		item.Message.ReplyTo = &replyTo
	}
	s.used += MessageCost + uint64(size)
	if r.Op == opFile {
		if len(r.Digest) != len(service.Digest{}) {
			return errTorn
		}
		item.File = &File{
			Name: service.FileName(r.Name), Size: r.Size, Digest: service.Digest(r.Digest), Began: r.Began,
			Path: path(which.file(), r.Name),
		}
		s.filesUsed += FileCost + r.Size
	}
	s.items = append(s.items, entry{Item: item, at: at, size: size})
	return nil
}

// clear forgets items.
func (s *state) clear(seqs []uint64) {
	gone := make(map[uint64]bool, len(seqs))
	for _, seq := range seqs {
		gone[seq] = true
	}
	kept := s.items[:0]
	for _, entry := range s.items {
		if !gone[entry.Seq] {
			kept = append(kept, entry)
			continue
		}
		s.used -= MessageCost + uint64(entry.size)
		if entry.File != nil {
			s.filesUsed -= FileCost + entry.File.Size
		}
	}
	clear(s.items[len(kept):])
	s.items = kept
}

func agentOf(bytes []byte) (id.AgentID, error) {
	if len(bytes) != len(id.AgentID{}) {
		return id.AgentID{}, errTorn
	}
	return id.AgentID(bytes), nil
}
