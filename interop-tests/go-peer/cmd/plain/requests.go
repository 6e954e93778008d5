package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/autonatv2"
	"github.com/libp2p/go-libp2p/p2p/protocol/autonatv2/pb"
	"github.com/libp2p/go-msgio/pbio"
)

// patience is how long any request may take.
const patience = 60 * time.Second

// maxAnswer bounds what a peer answers over a stream of [node.open].
const maxAnswer = 1024

// request is one line of stdin. Which fields count depends on Do.
type request struct {
	ID       uint64 `json:"id"`
	Do       string `json:"do"`
	Key      string `json:"key"`      // "address", "name" or "tag"
	Of       string `json:"of"`       // its value
	Peer     string `json:"peer"`     // multiaddr with a peer id
	Protocol string `json:"protocol"` // of a stream
	Name     string `json:"name"`     // of a record: /namespace/…
	Value    string `json:"value"`    // of a record
}

// answer does what a request says:
//
//	provide {key, of}      says in the DHT that this node provides the key           {}
//	find {key, of}         looks for those who do                                    {providers: [peer id, …]}
//	put {name, value}      stores a record in the DHT                                {}
//	get {name}             looks for one                                             {value}
//	connect {peer}         dials a peer                                              {}
//	servers {}             the nodes in the table of the DHT                         {servers: [peer id, …]}
//	open {peer, protocol}  opens a stream from a host with a key of its own          {opened}
//	dial_back {peer}       says an AutoNAT number that nobody asked for, likewise    {opened, answered}
func (n *node) answer(ctx context.Context, req request) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch req.Do {
	case "connect":
		return n.connect(ctx, req)
	case "open":
		return n.open(ctx, req.Peer, protocol.ID(req.Protocol))
	case "dial_back":
		return n.open(ctx, req.Peer, autonatv2.DialBackProtocol)
	}
	if n.dht == nil {
		return nil, errNoDHT
	}
	switch req.Do {
	case "provide":
		return n.provide(ctx, req)
	case "find":
		return n.find(ctx, req)
	case "put":
		return map[string]any{}, n.dht.PutValue(ctx, req.Name, []byte(req.Value))
	case "get":
		value, err := n.dht.GetValue(ctx, req.Name)
		return map[string]any{"value": string(value)}, err
	case "servers":
		return map[string]any{"servers": names(n.dht.RoutingTable().ListPeers())}, nil
	}
	return nil, fmt.Errorf("unknown verb %q", req.Do)
}

func (n *node) connect(ctx context.Context, req request) (map[string]any, error) {
	info, err := peer.AddrInfoFromString(req.Peer)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	return map[string]any{}, n.host.Connect(ctx, *info)
}

func (n *node) provide(ctx context.Context, req request) (map[string]any, error) {
	key, err := providerKey(n.psk, req.Key, req.Of)
	if err != nil {
		return nil, err
	}
	return map[string]any{}, n.dht.Provide(ctx, key, true)
}

func (n *node) find(ctx context.Context, req request) (map[string]any, error) {
	key, err := providerKey(n.psk, req.Key, req.Of)
	if err != nil {
		return nil, err
	}
	found, err := n.dht.FindProviders(ctx, key)
	if err != nil {
		return nil, err
	}
	ids := make([]peer.ID, 0, len(found))
	for _, provider := range found {
		ids = append(ids, provider.ID)
	}
	return map[string]any{"providers": names(ids)}, nil
}

// names writes peer ids as text.
func names(ids []peer.ID) []string {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, id.String())
	}
	return texts
}

// open asks a peer for a protocol as a stranger does, under a key made for the moment. Over one of AutoNAT it says a number.
func (n *node) open(ctx context.Context, to string, proto protocol.ID) (map[string]any, error) {
	info, err := peer.AddrInfoFromString(to)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	stranger, err := libp2p.New(libp2p.NoListenAddrs, libp2p.DisableMetrics(), libp2p.DisableRelay())
	if err != nil {
		return nil, fmt.Errorf("starting the stranger: %w", err)
	}
	defer stranger.Close()
	if err := stranger.Connect(ctx, *info); err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	stream, err := stranger.NewStream(ctx, info.ID, proto)
	if err != nil {
		if ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		return map[string]any{"opened": false}, nil
	}
	defer stream.Close()
	if proto != autonatv2.DialBackProtocol {
		return map[string]any{"opened": true}, nil
	}
	if err := pbio.NewDelimitedWriter(stream).WriteMsg(&pb.DialBack{Nonce: 1}); err != nil {
		return map[string]any{"opened": true, "answered": false}, nil
	}
	var response pb.DialBackResponse
	err = pbio.NewDelimitedReader(stream, maxAnswer).ReadMsg(&response)
	return map[string]any{"opened": true, "answered": err == nil}, nil
}
