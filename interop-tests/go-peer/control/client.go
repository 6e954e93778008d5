package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"path/filepath"
)

// ErrNotRunning says that nobody answers in a home.
var ErrNotRunning = errors.New("no agent is running here")

// RefusedError is what an agent answers in place of what it was asked for.
type RefusedError struct {
	Message string
	// Hint says what to do next; empty if that is not known.
	Hint string
}

func (e *RefusedError) Error() string { return e.Message }

// Client asks an agent that runs.
type Client struct {
	conn  net.Conn
	lines *bufio.Scanner
	next  int
}

// Dial connects to the agent of a home.
func Dial(ctx context.Context, home string) (*Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(home, Socket))
	if err != nil {
		return nil, fmt.Errorf("%w (%s): %w", ErrNotRunning, home, err)
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxLine)
	return &Client{conn: conn, lines: lines}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Do asks for something, and returns the whole line of the answer. One request at a time.
func (c *Client) Do(ctx context.Context, do string, arguments map[string]any) (json.RawMessage, error) {
	defer context.AfterFunc(ctx, func() { _ = c.conn.Close() })()
	c.next++
	line := map[string]any{"id": c.next, "do": do}
	maps.Copy(line, arguments)
	encoded, err := json.Marshal(line)
	if err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(append(encoded, '\n')); err != nil {
		return nil, fmt.Errorf("asking the agent: %w", err)
	}
	if !c.lines.Scan() {
		err := c.lines.Err()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("the agent has not answered: %w", err)
	}
	var head Response
	if err := json.Unmarshal(c.lines.Bytes(), &head); err != nil {
		return nil, fmt.Errorf("the agent's answer is not understood: %w", err)
	}
	if !head.OK {
		return nil, &RefusedError{head.Error, head.Hint}
	}
	return append(json.RawMessage(nil), c.lines.Bytes()...), nil
}
