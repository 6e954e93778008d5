package agent

import (
	"context"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// What strangers may hold.
const (
	// maxStrangers bounds the connections of strangers in all; the oldest makes room for the next.
	maxStrangers = 32
	// stay is how long the connection of a stranger is kept: long enough for one request.
	stay = 15 * time.Second
	// strangersLook is how often connections are looked at whose peers were no strangers when they came.
	strangersLook = time.Minute
)

// lobby is where strangers wait: few at a time, and not for long.
type lobby struct {
	access *access

	mu      sync.Mutex
	waiting []waiting // whose time is over first comes first
	closed  bool
}

type waiting struct {
	conn  network.Conn
	timer *time.Timer
}

func newLobby(access *access) *lobby { return &lobby{access: access} }

// enter notes a connection, if it is a stranger's.
func (l *lobby) enter(conn network.Conn) {
	if !l.access.isStranger(conn.RemotePeer()) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.waiting = append(l.waiting, waiting{conn, time.AfterFunc(stay, func() { l.expire(conn) })})
	if len(l.waiting) > maxStrangers {
		oldest := l.waiting[0]
		l.waiting = l.waiting[1:]
		oldest.timer.Stop()
		// Not here: to close a connection waits for those whom it notifies.
		go l.show(oldest.conn)
	}
}

// leave forgets one who has gone.
func (l *lobby) leave(conn network.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(conn)
}

func (l *lobby) drop(conn network.Conn) bool {
	for i, w := range l.waiting {
		if w.conn == conn {
			w.timer.Stop()
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return true
		}
	}
	return false
}

func (l *lobby) expire(conn network.Conn) {
	l.mu.Lock()
	known := l.drop(conn)
	l.mu.Unlock()
	if known {
		l.show(conn)
	}
}

// show shows a stranger the door, unless it has come to be none.
func (l *lobby) show(conn network.Conn) {
	if l.access.isStranger(conn.RemotePeer()) {
		_ = conn.Close()
	}
}

// tidyLobby closes the connections of those who have become strangers without a word: whose certificate has ended, whose
// reservation was not renewed.
func (a *Agent) tidyLobby(ctx context.Context) {
	tick := time.NewTicker(strangersLook)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.lobby.sweep(a.host.Network().Conns(), time.Now().Add(-stay))
		case <-ctx.Done():
			return
		}
	}
}

// sweep shows the door to strangers whose connections were made before a time.
func (l *lobby) sweep(conns []network.Conn, before time.Time) {
	for _, conn := range conns {
		if conn.Stat().Opened.Before(before) {
			l.show(conn)
		}
	}
}

// met says whether a connection was made as that of a stranger.
func (l *lobby) met(conn network.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.waiting {
		if w.conn == conn {
			return true
		}
	}
	return false
}

func (l *lobby) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, w := range l.waiting {
		w.timer.Stop()
	}
	l.waiting = nil
}
