package agent

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// messageStreamsPerPeer is the streams of one peer that messages are read from at once. A further one hears "busy".
	messageStreamsPerPeer = 4
	// together is the messages of one stream that wait for the disk together: they share a sync. Each may hold 1 MiB.
	together = 8
	// messageTime is how long the next message of a stream may take to come in whole, and answerTime how long an answer may
	// take to go out.
	messageTime, answerTime = time.Minute, 30 * time.Second
	// answerPatience is how long the answer to a message may take, besides the time for its size on the slowest path that
	// messages are given time for, in bytes a second.
	answerPatience, slowestPath = 5 * time.Second, 17 << 10
)

// SendText sends a text to a contact's inbox, as SendMessage does.
func (a *Agent) SendText(ctx context.Context, p peer.ID, text string) (service.MessageID, error) {
	return a.SendMessage(ctx, p, &service.Message{Kind: service.KindText, Payload: []byte(text)})
}

// SendMessage sends a message to a contact's inbox, and tries again until it is there, the contact refuses it, or the context
// ends; nothing is kept then. Kind and Payload are the caller's, and ReplyTo if there is one; id and time are filled in where
// they are zero. Whoever calls again with the id that is returned never has it delivered twice.
func (a *Agent) SendMessage(ctx context.Context, p peer.ID, m *service.Message) (service.MessageID, error) {
	sent := *m
	if sent.ID == (service.MessageID{}) {
		var err error
		if sent.ID, err = service.NewMessageID(); err != nil {
			return sent.ID, err
		}
	}
	if sent.SentAt == 0 {
		sent.SentAt = uint64(time.Now().UnixMilli())
	}
	if err := sent.Validate(); err != nil {
		return sent.ID, err
	}
	return sent.ID, retried(ctx, func(ctx context.Context) (service.Answer, error) {
		return a.exchange(ctx, p, service.DataProtocol, func(s *Stream, _ *atomic.Uint64) (service.Answer, error) {
			patience := answerPatience + time.Duration(len(sent.Payload)/slowestPath)*time.Second
			if err := s.SetDeadline(time.Now().Add(patience)); err != nil {
				return 0, err
			}
			answer, err := service.SendMessage(s, &sent)
			if err == nil {
				err = s.CloseWrite()
			}
			return answer, err
		})
	})
}

// Inbox returns what has come after a place in the order of arrival, 0 for all: at most so many items.
func (a *Agent) Inbox(after uint64, limit int) ([]inbox.Item, error) {
	return a.services.inbox.List(after, limit)
}

// AwaitInbox waits for something to come after a place in the order of arrival, and returns it as Inbox does.
func (a *Agent) AwaitInbox(ctx context.Context, after uint64, limit int) ([]inbox.Item, error) {
	for {
		changed := a.services.inbox.Changed()
		items, err := a.services.inbox.List(after, limit)
		if err != nil || len(items) > 0 {
			return items, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-a.ctx.Done():
			return nil, inbox.ErrClosed
		}
	}
}

// ClearInbox forgets the messages and files of some ids, deletes what files there are, and returns how many items are gone.
func (a *Agent) ClearInbox(ids ...service.MessageID) (int, error) {
	var seqs []uint64
	for _, messageID := range ids {
		seqs = append(seqs, a.services.inbox.Seqs(messageID)...)
	}
	return len(seqs), a.services.inbox.Clear(seqs...)
}

// inLine is a message that waits for the disk.
type inLine struct {
	id     service.MessageID
	answer <-chan service.Answer
}

// receiveMessages puts one message after the other in line for the disk, while their answers go out in the same order.
func (a *Agent) receiveMessages(s *Stream, _ func()) {
	from, err := id.AgentIDOfPeer(s.Peer())
	if err != nil {
		_ = s.Reset()
		return
	}
	sequence := &inbox.Sequence{Over: func() bool { return a.isOver(s) }}
	line, replied := make(chan inLine, together), make(chan struct{})
	go func() {
		defer close(replied)
		replyToMessages(s, line)
	}()
	err = a.readMessages(s, func(m *service.Message) bool {
		next := inLine{id: m.ID}
		if m.Validate() == nil {
			next.answer = a.services.inbox.Put(sequence, from, m)
		} else {
			next.answer = answered(service.Invalid)
		}
		select {
		case line <- next:
			return true
		case <-replied:
			return false
		}
	})
	close(line)
	// What is in line is answered before the stream ends.
	<-replied
	if err != nil {
		_ = s.Reset()
	}
}

// readMessages hands on each message of a stream, until that ends or take wants no more.
func (a *Agent) readMessages(s *Stream, take func(*service.Message) bool) error {
	for {
		_ = s.SetReadDeadline(time.Now().Add(messageTime))
		m, err := service.ReceiveMessage(s)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !take(m) {
			return nil
		}
	}
}

// isOver says whether nothing more from a stream is to be stored: its peer may not speak the protocol any more.
func (a *Agent) isOver(s *Stream) bool {
	return s.isCut.Load() || !a.gate.offers(s.Peer(), s.Protocol())
}

func answered(answer service.Answer) <-chan service.Answer {
	done := make(chan service.Answer, 1)
	done <- answer
	return done
}

// replyToMessages answers in the order of the messages, until none is in line any more or nothing more is to be said: then it
// ends our half, which tells the sender.
func replyToMessages(s *Stream, line <-chan inLine) {
	defer s.CloseWrite()
	for next := range line {
		answer, ok := <-next.answer
		if !ok {
			return
		}
		_ = s.SetWriteDeadline(time.Now().Add(answerTime))
		if err := service.AnswerMessage(s, next.id, answer); err != nil {
			return
		}
		// What follows must not overtake a message that is to be sent again.
		if answer == service.Quota || answer == service.Failed {
			return
		}
	}
}
