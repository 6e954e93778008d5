package inbox

import (
	"slices"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// What may wait for the disk; whoever comes next waits for a place.
	jobQueue = 256
	// Items that one call may clear: their numbers fit into a record.
	maxCleared = 10_000
)

// Sequence is messages that are put one behind the other without waiting for each other, and yet arrive in order: when one
// of them could not be stored for now, neither are those after it. One goroutine at a time may put into it.
type Sequence struct {
	// Over, if not nil, says that nothing more of this sequence is to be stored. It is asked in the turn of each message.
	Over func() bool
	// Used by the writer alone.
	broken bool
}

// job is one change, and where to say what became of it. The channel is closed without an answer if there is none.
type job struct {
	sequence *Sequence
	record   *record
	content  [32]byte
	payload  []byte
	clear    []uint64
	result   chan service.Answer
	// Set by the writer: what is left to do once it is on the disk.
	answer  service.Answer
	silent  bool
	pending bool
	at      int64
}

// Put puts a message in line for the disk, in its place in the sequence. The channel gives the answer once that is true; it
// is closed without one if a message before it is to be sent again, or the sequence is over.
func (i *Inbox) Put(sequence *Sequence, from id.AgentID, m *service.Message) <-chan service.Answer {
	r := newRecord(opMessage, from, m.ID, m.ReplyTo, m.SentAt)
	r.Kind = uint8(m.Kind)
	return i.enqueue(&job{sequence: sequence, record: r, content: messageDigest(m), payload: m.Payload})
}

func newRecord(op string, from id.AgentID, messageID service.MessageID, replyTo *service.MessageID, sentAt uint64) *record {
	r := &record{Op: op, From: from[:], ID: messageID[:], SentAt: sentAt, ReceivedAt: uint64(time.Now().UnixMilli())}
	if replyTo != nil {
		r.ReplyTo = replyTo[:]
	}
	return r
}

func (i *Inbox) enqueue(j *job) <-chan service.Answer {
	j.result = make(chan service.Answer, 1)
	// Held while this waits for a place: the writer goes on until all who wait have one.
	i.door.RLock()
	defer i.door.RUnlock()
	if i.closed {
		close(j.result)
	} else {
		i.jobs <- j
	}
	return j.result
}

// write is the one goroutine that changes the journal. What waits for it shares a sync.
func (i *Inbox) write() {
	defer close(i.done)
	for first := range i.jobs {
		group := []*job{first}
		for more := true; more && len(group) < jobQueue; {
			select {
			case j, ok := <-i.jobs:
				if more = ok; ok {
					group = append(group, j)
				}
			default:
				more = false
			}
		}
		i.commit(group)
		if slices.ContainsFunc(group, func(j *job) bool { return j.clear != nil }) {
			i.tidy()
		}
	}
}

// commit decides about a group of changes, brings them to the disk, then into memory, and then answers.
func (i *Inbox) commit(group []*job) {
	bytes, err := i.decide(group)
	if err == nil && len(bytes) > 0 {
		err = i.journal.Append(bytes)
	}
	i.mu.Lock()
	for _, j := range group {
		if j.pending && err == nil {
			err = i.apply(j.record, j.at, len(j.payload), i.path)
		}
	}
	if err == nil {
		close(i.changed)
		i.changed = make(chan struct{})
	}
	i.mu.Unlock()
	for _, j := range group {
		if j.pending && err != nil {
			j.answer = service.Failed
		}
		if j.sequence != nil && (j.answer == service.Failed || j.answer == service.Quota) {
			j.sequence.broken = true
		}
		if !j.silent {
			j.result <- j.answer
		}
		close(j.result)
	}
}

// decide says what is to become of each change of a group, and returns the records that make it so.
func (i *Inbox) decide(group []*job) ([]byte, error) {
	var bytes []byte
	var err error
	// What the group has accepted, and what that costs: it is not in the state yet.
	accepted := staged{seen: make(map[key][32]byte), broken: make(map[*Sequence]bool)}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, j := range group {
		if !i.judge(j, &accepted) {
			continue
		}
		j.pending = true
		if bytes, err = appendRecord(bytes, j.record, j.payload); err != nil {
			for _, j := range group {
				j.pending = true
			}
			return nil, err
		}
		j.at = i.journal.End() + int64(len(bytes)-len(j.payload))
	}
	return bytes, nil
}

// staged is what a group has accepted so far.
type staged struct {
	seen    map[key][32]byte
	used    uint64
	lastSeq uint64
	broken  map[*Sequence]bool
}

// judge sets the answer to a change, and says whether it is to be made.
func (i *Inbox) judge(j *job, group *staged) bool {
	if j.clear != nil {
		j.record = &record{Op: opClear, Cleared: j.clear}
		return true
	}
	if q := j.sequence; q != nil && (q.broken || group.broken[q] || q.Over != nil && q.Over()) {
		j.silent = true
		return false
	}
	which := key{id.AgentID(j.record.From), service.MessageID(j.record.ID)}
	known, ok := group.seen[which]
	if !ok {
		var before accepted
		if before, ok = i.seen[which]; ok {
			known = before.content
		}
	}
	switch {
	case ok && known == j.content:
		j.answer = service.Duplicate
		return false
	case ok:
		j.answer = service.Conflict
		return false
	}
	cost := MessageCost + uint64(len(j.payload))
	if i.used+group.used+cost > i.quota {
		j.answer = service.Quota
		group.broken[j.sequence] = true
		return false
	}
	group.used += cost
	group.seen[which] = j.content
	group.lastSeq = max(group.lastSeq, i.lastSeq) + 1
	j.record.Seq, j.record.Content = group.lastSeq, j.content[:]
	j.answer = service.Stored
	return true
}
