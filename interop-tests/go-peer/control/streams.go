package control

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/airway-net/airway/interop-tests/go-peer/agent"
	"github.com/airway-net/airway/interop-tests/go-peer/service"
)

const (
	// chunk is how much of a call is in memory at once.
	chunk = 64 << 10
	// maxReceipt bounds the line that answers a call.
	maxReceipt = 256
)

// ErrReceipt says that something else has arrived than was sent.
var ErrReceipt = errors.New("the other side has received something else than was sent")

// streamVerbs are those about connections and ports.
func streamVerbs() map[string]Verb {
	return map[string]Verb{
		"ping":       verb(to(ping)),
		"path":       verb(to(path)),
		"echo":       verb(to(echo)),
		"serve":      verb(serve),
		"call":       verb(to(call)),
		"disconnect": verb(to(disconnect)),
	}
}

// whom names somebody: an endpoint with its fingerprint, a contact's name, or a name in our network.
type whom struct {
	Who string `json:"who"`
}

func (w whom) named() string { return w.Who }

// to makes a function of a question out of one of a question and the peer that it names.
func to[Q interface{ named() string }, A any](
	do func(context.Context, *agent.Agent, peer.ID, Q) (A, error),
) func(context.Context, *agent.Agent, Q) (A, error) {
	return func(ctx context.Context, a *agent.Agent, q Q) (answer A, err error) {
		p, err := a.Resolve(ctx, q.named())
		if err != nil {
			return answer, err
		}
		return do(ctx, a, p, q)
	}
}

type pong struct {
	Micros  int64 `json:"micros"`
	Relayed bool  `json:"relayed"`
}

func ping(ctx context.Context, a *agent.Agent, p peer.ID, _ whom) (pong, error) {
	trip, err := a.Ping(ctx, p)
	return pong{trip.Trip.Microseconds(), trip.Relayed}, err
}

type pathAnswer struct {
	Transport string `json:"transport"`
	Security  string `json:"security"`
	Relayed   bool   `json:"relayed"`
	Dialled   bool   `json:"dialled"`
}

func path(_ context.Context, a *agent.Agent, p peer.ID, q whom) (pathAnswer, error) {
	paths := a.Paths(p)
	if len(paths) == 0 {
		return pathAnswer{}, fmt.Errorf("no connection to %s is open", q.Who)
	}
	// The newest one serves the next stream.
	newest := paths[0]
	for _, other := range paths[1:] {
		if other.Since.After(newest.Since) {
			newest = other
		}
	}
	return pathAnswer{newest.Transport, newest.Security, newest.Relayed, newest.Dialled}, nil
}

type echoQuestion struct {
	whom
	Bytes int64 `json:"bytes"`
}

type echoAnswer struct {
	Bytes  int64 `json:"bytes"`
	Micros int64 `json:"micros"`
}

func echo(ctx context.Context, a *agent.Agent, p peer.ID, q echoQuestion) (echoAnswer, error) {
	took, err := a.Echo(ctx, p, q.Bytes)
	return echoAnswer{q.Bytes, took.Microseconds()}, err
}

type portQuestion struct {
	Port service.Port `json:"port"`
}

// receipt is the line with which `serve` answers a stream: what has come, once its opener has closed its half.
type receipt struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func serve(_ context.Context, a *agent.Agent, q portQuestion) (none, error) {
	return none{}, a.Listen(q.Port, func(s *agent.Stream) {
		digest := sha256.New()
		n, err := io.Copy(digest, s)
		if err == nil {
			err = json.NewEncoder(s).Encode(receiptOf(n, digest))
		}
		if err != nil {
			_ = s.Reset()
		}
	})
}

func receiptOf(n int64, digest hash.Hash) receipt {
	return receipt{n, hex.EncodeToString(digest.Sum(nil))}
}

type callQuestion struct {
	whom
	portQuestion
	Bytes int64 `json:"bytes"`
}

func call(ctx context.Context, a *agent.Agent, p peer.ID, q callQuestion) (receipt, error) {
	s, err := a.Open(ctx, p, q.Port.Protocol())
	if err != nil {
		return receipt{}, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { _ = s.Reset() })()
	sent, err := sendBytes(s, q.Bytes)
	if err != nil {
		return receipt{}, err
	}
	line, err := bufio.NewReader(io.LimitReader(s, maxReceipt)).ReadBytes('\n')
	if err != nil {
		return receipt{}, fmt.Errorf("waiting for the receipt: %w", err)
	}
	var got receipt
	if err := json.Unmarshal(line, &got); err != nil {
		return receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if got != sent {
		return receipt{}, fmt.Errorf("%w: %+v, not %+v", ErrReceipt, got, sent)
	}
	return got, nil
}

// sendBytes sends so many pseudo-random bytes and closes our half.
func sendBytes(s *agent.Stream, size int64) (receipt, error) {
	digest := sha256.New()
	var seed [32]byte
	copy(seed[:], time.Now().String())
	random := io.LimitReader(rand.NewChaCha8(seed), size)
	n, err := io.CopyBuffer(io.MultiWriter(s, digest), random, make([]byte, chunk))
	if err == nil {
		err = s.CloseWrite()
	}
	return receiptOf(n, digest), err
}

func disconnect(_ context.Context, a *agent.Agent, p peer.ID, _ whom) (none, error) {
	return none{}, a.Disconnect(p)
}
