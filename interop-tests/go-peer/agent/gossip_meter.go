package agent

import (
	"errors"
	"sync/atomic"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
)

// How fast a neighbour is heard: ten members who each say fifty things a second are a quarter of it.
const (
	// readBurst bytes are read at once, and readRate of them a second; the transport holds the rest back.
	readBurst, readRate = 16 << 20, 8 << 20
	// maxNeighbours bounds the neighbours whose frames are counted.
	maxNeighbours = 1024
)

// errTooOften says that a neighbour sends more frames than an honest one would.
var errTooOften = errors.New("there are too many frames of this neighbour")

// meter is how many bytes a stream has left to be read; for one reader.
type meter struct{ fullAt time.Time }

// wait counts bytes that were read, and waits until others may be.
func (m *meter) wait(n int) {
	now := time.Now()
	if m.fullAt.Before(now) {
		m.fullAt = now
	}
	m.fullAt = m.fullAt.Add(time.Duration(n) * time.Second / readRate)
	if over := m.fullAt.Sub(now) - readBurst*time.Second/readRate; over > 0 {
		time.Sleep(over)
	}
}

// frameMeter counts the frames of neighbours. It is for the one loop of gossipsub.
type frameMeter struct {
	messages, control *buckets[peer.ID]
	// copies counts all messages.
	copies *atomic.Uint64
}

func newFrameMeter(copies *atomic.Uint64) *frameMeter {
	return &frameMeter{
		copies:   copies,
		messages: newBuckets[peer.ID](rateOf{4000, time.Second / 2000}, maxNeighbours),
		control:  newBuckets[peer.ID](rateOf{60, time.Second / 20}, maxNeighbours),
	}
}

// inspect leaves out what comes too often.
func (m *frameMeter) inspect(from peer.ID, rpc *pubsub.RPC) error {
	now := time.Now()
	m.copies.Add(uint64(len(rpc.GetPublish())))
	if !m.messages.has(from, now) {
		return errTooOften
	}
	for range max(1, len(rpc.GetPublish())) {
		m.messages.take(from, now)
	}
	if rpc.GetControl() == nil {
		return nil
	}
	if !m.control.has(from, now) {
		return errTooOften
	}
	m.control.take(from, now)
	return nil
}
