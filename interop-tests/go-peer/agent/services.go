package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/inbox"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

// How often what broken attempts left behind is tidied up.
const sweepEvery = time.Hour

// services is what an agent receives, and who is bringing it.
type services struct {
	inbox *inbox.Inbox
	// home is where it lies: the home of the agent, or a directory that goes with it.
	home, temporary string
	// sending guards the record of files that are being sent.
	sending sync.Mutex

	messages, files, runs *places
}

// startServices begins to receive messages and files, and to serve runs.
func (a *Agent) startServices() (err error) {
	home := a.config.Home
	s := &services{
		messages: newPlaces(messageStreamsPerPeer, 0),
		files:    newPlaces(filesPerPeer, filesInAll),
		runs:     newPlaces(1, runsInAll),
	}
	if home == "" {
		if home, err = os.MkdirTemp("", "airway-"); err != nil {
			return fmt.Errorf("no place for what is received: %w", err)
		}
		s.temporary = home
	}
	s.home = home
	if s.inbox, err = inbox.Open(home); err != nil {
		return errors.Join(err, s.close())
	}
	a.services = s
	a.serve(service.DataProtocol, nil, in(s.messages, a.receiveMessages))
	a.serve(service.FilesProtocol, nil, in(s.files, a.receiveFile))
	a.serve(service.PerfProtocol, nil, in(s.runs, a.serveRun))
	a.spawn(a.sweep)
	return nil
}

func (s *services) close() error {
	if s == nil {
		return nil
	}
	var err error
	if s.inbox != nil {
		err = s.inbox.Close()
	}
	if s.temporary != "" {
		err = errors.Join(err, os.RemoveAll(s.temporary))
	}
	return err
}

func (a *Agent) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if _, err := a.services.inbox.Sweep(); err != nil {
				slog.Warn("received files cannot be tidied up", "error", err)
			}
		}
	}
}

// in has a handler run while its peer has a place, and says "busy" otherwise. The handler may give the place back early.
func in(places *places, handle func(s *Stream, leave func())) func(*Stream) {
	return func(s *Stream) {
		p := s.Peer()
		if !places.enter(p) {
			s.Refuse(service.StatusBusy)
			return
		}
		leave := sync.OnceFunc(func() { places.leave(p) })
		defer leave()
		handle(s, leave)
	}
}

// places bounds how many streams are served at once, of one peer and in all.
type places struct {
	perPeer, inAll int
	mu             sync.Mutex
	of             map[peer.ID]int
	all            int
}

// newPlaces makes so many places for each peer; inAll 0 stands for no bound but that.
func newPlaces(perPeer, inAll int) *places {
	return &places{perPeer: perPeer, inAll: inAll, of: make(map[peer.ID]int)}
}

func (l *places) enter(p peer.ID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of[p] >= l.perPeer || l.inAll > 0 && l.all >= l.inAll {
		return false
	}
	l.of[p]++
	l.all++
	return true
}

func (l *places) leave(p peer.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.of[p]--; l.of[p] == 0 {
		delete(l.of, p)
	}
}
