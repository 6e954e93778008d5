package inbox

import (
	"fmt"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

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
		return errRecord
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
			return errRecord
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
		return id.AgentID{}, errRecord
	}
	return id.AgentID(bytes), nil
}
