package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
)

func newAgent(t *testing.T, name string) *agent.Agent {
	t.Helper()
	listen, err := agent.QUIC.Listeners("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.Start(t.Context(), agent.Config{Name: name, Transport: agent.QUIC, Listen: listen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// dial serves an agent on a socket, as `up` does, and connects to it.
func dial(t *testing.T, a *agent.Agent) *Client {
	t.Helper()
	home := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- NewServer(a).Listen(ctx, home) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	deadline := time.Now().Add(20 * time.Second)
	for {
		client, err := Dial(t.Context(), home)
		if err == nil {
			t.Cleanup(func() { _ = client.Close() })
			info, err := os.Stat(filepath.Join(home, Socket))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the socket is open to others: %v, %v", info.Mode(), err)
			}
			return client
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func do[A any](t *testing.T, c *Client, verb string, arguments map[string]any) A {
	t.Helper()
	line, err := c.Do(t.Context(), verb, arguments)
	if err != nil {
		t.Fatalf("%s: %v", verb, err)
	}
	var answer A
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("%s: %s: %v", verb, line, err)
	}
	return answer
}

func TestOneAgentMeetsAndLeavesAnother(t *testing.T) {
	alice, bob := dial(t, newAgent(t, "alice")), dial(t, newAgent(t, "bob"))
	ticket := do[ticketAnswer](t, alice, "ticket", nil).Ticket
	if who := do[whom](t, bob, "pair", map[string]any{"ticket": ticket}).Who; !strings.Contains(who, "#") {
		t.Errorf("paired with %q", who)
	}
	do[pong](t, bob, "ping", map[string]any{"who": "alice"})
	if got := do[echoAnswer](t, alice, "echo", map[string]any{"who": "bob", "bytes": 100_000}); got.Bytes != 100_000 {
		t.Errorf("%+v", got)
	}
	do[none](t, alice, "serve", map[string]any{"port": 5000})
	got := do[receipt](t, bob, "call", map[string]any{"who": "alice", "port": 5000, "bytes": 300_000})
	if got.Bytes != 300_000 || len(got.SHA256) != 64 {
		t.Errorf("%+v", got)
	}
	if path := do[pathAnswer](t, bob, "path", map[string]any{"who": "alice"}); path.Security != "quic" {
		t.Errorf("%+v", path)
	}
	do[none](t, alice, "untrust", map[string]any{"who": "bob"})
	if left := do[contactsAnswer](t, alice, "contacts", nil).Contacts; len(left) != 0 {
		t.Errorf("%+v", left)
	}
	_, err := bob.Do(t.Context(), "call", map[string]any{"who": "alice", "port": 5000, "bytes": 1})
	if err == nil {
		t.Error("one who is not trusted was served")
	}
}

func TestAKnockIsApprovedByWhatIsShown(t *testing.T) {
	alice, bob := dial(t, newAgent(t, "alice")), dial(t, newAgent(t, "bob"))
	own := do[cardAnswer](t, alice, "card", nil)
	do[none](t, bob, "knock", map[string]any{"card": own.Card, "text": "bob here"})
	var waiting []requestView
	for deadline := time.Now().Add(20 * time.Second); len(waiting) == 0 && time.Now().Before(deadline); {
		waiting = do[requestsAnswer](t, alice, "requests", nil).Requests
	}
	if len(waiting) != 1 || waiting[0].Name != "bob" || waiting[0].Text != "bob here" {
		t.Fatalf("%+v", waiting)
	}
	do[none](t, alice, "approve", map[string]any{"who": waiting[0].Who, "ports": []int{5000}})
	if contacts := do[contactsAnswer](t, alice, "contacts", nil).Contacts; len(contacts) != 1 || contacts[0].State != "trusted" {
		t.Errorf("%+v", contacts)
	}
}

func TestWhatIsNotUnderstoodIsAnswered(t *testing.T) {
	server := NewServer(newAgent(t, "alice"))
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	go func() {
		_ = server.Serve(t.Context(), in, out)
		_ = out.Close()
	}()
	lines := bufio.NewScanner(answers)
	for _, c := range []struct{ line, error string }{
		{`{"id":1,"do":"dance"}`, "unknown verb"},
		{`{"id":2,"do":"ping","who":7}`, "not understood"},
		{`{"id":3,"do":"ping","who":"nobody"}`, "nobody here is known"},
		{`{"id":4,"do":"pair","ticket":"airway:abc"}`, "not a ticket"},
		{`{"id":5,"do":"serve","port":7}`, "belongs to the service"},
		{`ping`, "JSON object"},
		{`[]`, "JSON object"},
	} {
		if _, err := io.WriteString(requests, c.line+"\n"); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() {
			t.Fatalf("%s: no answer: %v", c.line, lines.Err())
		}
		var head Response
		if err := json.Unmarshal(lines.Bytes(), &head); err != nil || head.OK || !strings.Contains(head.Error, c.error) {
			t.Errorf("%s: %s, %v", c.line, lines.Bytes(), err)
		}
	}
	_ = requests.Close()
	if lines.Scan() {
		t.Errorf("an answer to nothing: %s", lines.Bytes())
	}
}

func TestWhereNobodyRunsNobodyIsAsked(t *testing.T) {
	if _, err := Dial(t.Context(), t.TempDir()); !errors.Is(err, ErrNotRunning) {
		t.Error(err)
	}
}

func TestARefusalTellsWhatToDoNext(t *testing.T) {
	alice := dial(t, newAgent(t, "alice"))
	_, err := alice.Do(t.Context(), "ping", map[string]any{"who": "nobody"})
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Hint, "contacts") {
		t.Errorf("%v", err)
	}
}

func TestEventsAreCollectedForTheConnectionThatHasSubscribed(t *testing.T) {
	a := newAgent(t, "alice")
	client, other := dial(t, a), dial(t, a)
	do := func(c *Client, verb string, arguments map[string]any, into any) {
		t.Helper()
		line, err := c.Do(t.Context(), verb, arguments)
		if err == nil {
			err = json.Unmarshal(line, into)
		}
		if err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
	}
	var listening subscribeAnswer
	do(client, "subscribe", map[string]any{"patterns": []string{"a/*"}}, &listening)
	var published publishAnswer
	for _, text := range []string{"one", "two", "three"} {
		do(other, "publish", map[string]any{"topic": "a/b", "text": text}, &published)
		do(other, "publish", map[string]any{"topic": "c", "text": text}, &published)
	}
	var heard eventsAnswer
	var texts []string
	for skip := 0; len(texts) < 3; skip = len(texts) {
		do(client, "events", map[string]any{"subscription": listening.Subscription, "skip": skip, "wait": 20_000}, &heard)
		for _, e := range heard.Events {
			texts = append(texts, e.Text)
			if e.Publisher != a.Endpoint().String() || e.Topic != "a/b" || e.Heard == 0 {
				t.Errorf("%+v", e)
			}
		}
	}
	if got := strings.Join(texts, " "); got != "one two three" || heard.Ended != nil || len(heard.Gaps) > 0 {
		t.Errorf("%s, %+v", got, heard)
	}
	for verb, arguments := range map[string]map[string]any{
		"events":    {"subscription": listening.Subscription},
		"publish":   {"topic": "a/*", "text": ""},
		"subscribe": {"patterns": []string{"a//b"}},
		"gossip":    {},
	} {
		var refused *RefusedError
		if line, err := other.Do(t.Context(), verb, arguments); !errors.As(err, &refused) || refused.Hint == "" && verb != "events" {
			t.Errorf("%s: %s, %v", verb, line, err)
		}
	}
	var since subscribeAnswer
	do(other, "subscribe", map[string]any{"patterns": []string{"*"}, "since": "1h"}, &since)
	do(other, "events", map[string]any{"subscription": since.Subscription, "wait": 20_000}, &heard)
	if len(heard.Events) == 0 {
		t.Error("nothing of the last hour")
	}
}
