// Package control is how others speak with a running agent: a request on each line, and an answer on each line.
//
//	{"id":1,"do":"echo","who":"0:0000.12CF.AA5B#fsxvcoem4ytkv6su","bytes":64}
//	{"id":1,"ok":true,"bytes":64,"micros":181}
//	{"id":2,"ok":false,"error":"…"}
//
// Answers come in any order. The same lines are spoken on the standard streams of `peer`, for programs that start an agent
// of their own, and on the socket in an agent's home, for the commands of its owner.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
)

// patience bounds a request that names no time of its own.
const patience = time.Minute

// ErrUnknownVerb says that there is no such request.
var ErrUnknownVerb = errors.New("unknown verb")

// Verb carries out a request: the line as it came in, and what is added to the line that goes out.
type Verb func(ctx context.Context, a *agent.Agent, line []byte) (any, error)

// verbs are all that can be asked for, by the name of the request. Each file adds its own.
func verbs() map[string]Verb {
	all := make(map[string]Verb)
	for _, some := range []map[string]Verb{
		trustVerbs(), streamVerbs(), dataVerbs(), meshVerbs(), eventVerbs(), taskVerbs(), poloVerbs(),
	} {
		maps.Copy(all, some)
	}
	return all
}

// verb makes a Verb of a function: Q is what it wants to know of the line, A what it answers.
func verb[Q, A any](do func(context.Context, *agent.Agent, Q) (A, error)) Verb {
	patient := patiently(do)
	return func(ctx context.Context, a *agent.Agent, line []byte) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return patient(ctx, a, line)
	}
}

// patiently makes a Verb that may take as long as it likes.
func patiently[Q, A any](do func(context.Context, *agent.Agent, Q) (A, error)) Verb {
	return func(ctx context.Context, a *agent.Agent, line []byte) (any, error) {
		var question Q
		if err := json.Unmarshal(line, &question); err != nil {
			return nil, fmt.Errorf("the request is not understood: %w", err)
		}
		return do(ctx, a, question)
	}
}

// none is a question without arguments, or an answer that says no more than that it is done.
type none struct{}

// request is what every line has that comes in.
type request struct {
	ID json.RawMessage `json:"id"`
	Do string          `json:"do"`
}

// Response is what every line has that goes out; more stands beside it.
type Response struct {
	ID    json.RawMessage `json:"id,omitempty"`
	OK    bool            `json:"ok"`
	Error string          `json:"error,omitempty"`
	Hint  string          `json:"hint,omitempty"`
}

// Failed is the answer to a request that came to nothing.
func Failed(err error) Response { return Response{Error: err.Error(), Hint: Hint(err)} }

// answer makes the line that goes out.
func answer(id json.RawMessage, done any, failed error) ([]byte, error) {
	if failed != nil {
		line := Failed(failed)
		line.ID = id
		return json.Marshal(line)
	}
	head, err := json.Marshal(Response{ID: id, OK: true})
	if err != nil {
		return nil, err
	}
	rest, err := json.Marshal(done)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(rest, []byte("{")) || bytes.Equal(rest, []byte("{}")) {
		return head, nil
	}
	return append(append(head[:len(head)-1], ','), rest[1:]...), nil
}
