// Command plain is a go-libp2p node that knows nothing of Airway: a relay and AutoNAT v2 server, or a node of a DHT, under a
// swarm key or without one.
//
// Flags in, one JSON object a line out. The first is {"event":"ready","peer":…,"addresses":[…]}, or
// {"event":"failed","error":…} with exit code 1. Each line of stdin is then a request {"id":1,"do":"find","key":"name","of":"bob"},
// answered by {"id":1,"ok":true,…} or {"id":1,"ok":false,"error":…}. The end of stdin ends the node. The requests are
// described at [node.answer].
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// texts is a flag that may be given several times.
type texts []string

func (t *texts) String() string { return strings.Join(*t, ",") }

func (t *texts) Set(text string) error {
	*t = append(*t, text)
	return nil
}

// options is what the flags say.
type options struct {
	listen    texts
	relay     bool
	anywhere  bool
	swarmKey  string
	prefix    string
	validator string
	bootstrap texts
}

func main() {
	var opts options
	flag.Var(&opts.listen, "listen", "`multiaddr` to listen on; may be repeated")
	flag.BoolVar(&opts.relay, "relay-server", false, "relay for others, and tell them by AutoNAT v2 whether they can be reached")
	flag.BoolVar(&opts.anywhere, "allow-private", false, "serve those, too, whose addresses are not public")
	flag.StringVar(&opts.swarmKey, "swarm-key", "", "`file` with the key of a private network")
	flag.StringVar(&opts.prefix, "dht-prefix", "", "serve the DHT <`prefix`>/kad/1.0.0")
	flag.StringVar(&opts.validator, "validator", "", "`namespace` of the only records that the DHT stores")
	flag.Var(&opts.bootstrap, "bootstrap", "`multiaddr` of another node of the DHT, with its peer id; may be repeated")
	flag.Parse()
	if err := run(context.Background(), opts, os.Stdin, os.Stdout); err != nil {
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"event": "failed", "error": err.Error()})
		os.Exit(1)
	}
}

// run serves requests until the input ends.
func run(ctx context.Context, opts options, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	node, err := start(ctx, opts)
	if err != nil {
		return err
	}
	defer node.close()
	addresses, err := node.addresses()
	if err != nil {
		return err
	}
	say := newSpeaker(out)
	say.line(map[string]any{"event": "ready", "peer": node.host.ID().String(), "addresses": addresses})

	var waiting sync.WaitGroup
	requests := json.NewDecoder(in)
	for {
		var req request
		if err := requests.Decode(&req); err == io.EOF {
			break
		} else if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		waiting.Go(func() {
			answer, err := node.answer(ctx, req)
			if err != nil {
				say.line(map[string]any{"id": req.ID, "ok": false, "error": err.Error()})
				return
			}
			answer["id"], answer["ok"] = req.ID, true
			say.line(answer)
		})
	}
	cancel()
	waiting.Wait()
	return nil
}

// speaker writes lines, one after the other.
type speaker struct {
	mu  sync.Mutex
	out *json.Encoder
}

func newSpeaker(out io.Writer) *speaker { return &speaker{out: json.NewEncoder(out)} }

func (s *speaker) line(object map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Whoever listened is gone: stdin ends next.
	_ = s.out.Encode(object)
}
