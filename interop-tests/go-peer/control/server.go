package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
)

const (
	// Socket is the name of the socket in the home of an agent.
	Socket = "control.sock"
	// maxLine bounds a line that comes in, in bytes: a message of 1 MiB as JSON may be six times as long.
	maxLine = 8 << 20
	// maxRequests bounds the requests of one connection that are carried out at once; further ones wait.
	maxRequests = 64
)

// Server answers requests to an agent.
type Server struct {
	agent *agent.Agent
	verbs map[string]Verb
}

// NewServer makes a server for an agent.
func NewServer(a *agent.Agent) *Server { return &Server{agent: a, verbs: verbs()} }

// Serve answers what comes in on a stream until it ends, and waits for what it has begun to carry out.
func (s *Server) Serve(ctx context.Context, r io.Reader, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	var (
		running sync.WaitGroup
		writing sync.Mutex
		places  = make(chan struct{}, maxRequests)
		lines   = bufio.NewScanner(r)
	)
	defer running.Wait()
	// Nobody reads the answers of what is under way any more.
	defer cancel()
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		line := append([]byte(nil), lines.Bytes()...)
		if len(line) == 0 {
			continue
		}
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			out := s.carryOut(ctx, line)
			writing.Lock()
			defer writing.Unlock()
			_, _ = w.Write(append(out, '\n'))
		})
	}
	return lines.Err()
}

func (s *Server) carryOut(ctx context.Context, line []byte) []byte {
	var asked request
	var done any
	err := json.Unmarshal(line, &asked)
	if err != nil {
		err = fmt.Errorf("a request is a JSON object on one line: %w", err)
	} else if do := s.verbs[asked.Do]; do == nil {
		err = fmt.Errorf("%w: %q", ErrUnknownVerb, asked.Do)
	} else {
		done, err = do(ctx, s.agent, line)
	}
	out, failed := answer(asked.ID, done, err)
	if failed != nil {
		// An answer of ours is always JSON; an id that is none has failed above.
		out, _ = answer(nil, nil, failed)
	}
	return out
}

// Listen answers on the socket in an agent's home until the context ends. The socket is the owner's alone.
func (s *Server) Listen(ctx context.Context, home string) error {
	path := filepath.Join(home, Socket)
	// The home is locked: whoever has left a socket here is gone.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing an old socket: %w", err)
	}
	// From its first moment on; what others make meanwhile is the owner's alone in any case.
	former := unix.Umask(0o077)
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	unix.Umask(former)
	if err != nil {
		return fmt.Errorf("listening for commands: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	var connections sync.WaitGroup
	defer connections.Wait()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listening for commands: %w", err)
		}
		connections.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			_ = s.Serve(ctx, conn, conn)
		})
	}
}
