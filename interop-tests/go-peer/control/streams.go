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
		"ping":       verb(ping),
		"path":       verb(path),
		"echo":       verb(echo),
		"serve":      verb(serve),
		"call":       verb(call),
		"disconnect": verb(disconnect),
	}
}

// whom names somebody: an endpoint with its fingerprint, a contact's name, or a name in our network.
type whom struct {
	Who string `json:"who"`
}

type pong struct {
	Micros  int64 `json:"micros"`
	Relayed bool  `json:"relayed"`
}

func ping(ctx context.Context, a *agent.Agent, q whom) (pong, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return pong{}, err
	}
	trip, err := a.Ping(ctx, p)
	return pong{trip.Trip.Microseconds(), trip.Relayed}, err
}

type pathAnswer struct {
	Transport string `json:"transport"`
	Security  string `json:"security"`
	Relayed   bool   `json:"relayed"`
	Dialled   bool   `json:"dialled"`
}

func path(ctx context.Context, a *agent.Agent, q whom) (pathAnswer, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return pathAnswer{}, err
	}
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

func echo(ctx context.Context, a *agent.Agent, q echoQuestion) (echoAnswer, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return echoAnswer{}, err
	}
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

func call(ctx context.Context, a *agent.Agent, q callQuestion) (receipt, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return receipt{}, err
	}
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

func disconnect(ctx context.Context, a *agent.Agent, q whom) (none, error) {
	p, err := a.Resolve(ctx, q.Who)
	if err != nil {
		return none{}, err
	}
	return none{}, a.Disconnect(p)
}
