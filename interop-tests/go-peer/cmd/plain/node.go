package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/autonatv2"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
)

// errNoDHT answers requests about the DHT at a node that is in none.
var errNoDHT = errors.New("the node is in no DHT: start it with --dht-prefix")

// pace is how long to wait before something is looked at again.
const pace = 20 * time.Millisecond

// node is a plain libp2p node.
type node struct {
	host    host.Host
	dht     *dht.IpfsDHT // nil without --dht-prefix
	psk     pnet.PSK     // nil without --swarm-key
	closers []io.Closer
}

// start makes a node that is connected to all whom --bootstrap names.
func start(ctx context.Context, opts options) (*node, error) {
	n := &node{}
	hostOpts, err := n.hostOptions(opts)
	if err != nil {
		return nil, err
	}
	if n.host, err = libp2p.New(hostOpts...); err != nil {
		return nil, fmt.Errorf("starting the host: %w", err)
	}
	n.closers = append(n.closers, n.host)
	if opts.relay && opts.anywhere {
		if err := n.startAutoNAT(); err != nil {
			n.close()
			return nil, err
		}
	}
	if opts.prefix != "" {
		if err := n.startDHT(ctx, opts); err != nil {
			n.close()
			return nil, err
		}
	}
	return n, nil
}

// hostOptions keeps everything off that looks for others by itself.
func (n *node) hostOptions(opts options) ([]libp2p.Option, error) {
	all := []libp2p.Option{libp2p.ListenAddrStrings(opts.listen...), libp2p.DisableMetrics()}
	if opts.swarmKey != "" {
		file, err := os.Open(filepath.Clean(opts.swarmKey))
		if err != nil {
			return nil, fmt.Errorf("opening the swarm key: %w", err)
		}
		defer file.Close()
		if n.psk, err = pnet.DecodeV1PSK(file); err != nil {
			return nil, fmt.Errorf("reading the swarm key: %w", err)
		}
		// No other transport of go-libp2p has a place for the key.
		all = append(all, libp2p.PrivateNetwork(n.psk), libp2p.Transport(tcp.NewTCPTransport))
	}
	if opts.relay {
		all = append(all, libp2p.ForceReachabilityPublic())
		if opts.anywhere {
			// By itself a relay names its public addresses alone, and without any a reservation is worth nothing to clients.
			anywhere := relay.WithReservationAddressFilter(func(ma.Multiaddr) bool { return true })
			all = append(all, libp2p.EnableRelayService(anywhere))
		} else {
			all = append(all, libp2p.EnableRelayService(), libp2p.EnableAutoNATv2())
		}
	} else {
		all = append(all, libp2p.DisableRelay())
	}
	return all, nil
}

// startAutoNAT does what libp2p.EnableAutoNATv2 does, and dials private addresses, too, which that has no option for.
func (n *node) startAutoNAT() error {
	dialer, err := libp2p.New(libp2p.NoListenAddrs, libp2p.DisableMetrics())
	if err != nil {
		return fmt.Errorf("starting the host that dials back: %w", err)
	}
	server, err := autonatv2.New(dialer, autonatv2.AllowPrivateAddrs)
	if err != nil {
		_ = dialer.Close()
		return fmt.Errorf("making the AutoNAT server: %w", err)
	}
	if err := server.Start(n.host); err != nil {
		_ = dialer.Close()
		return fmt.Errorf("starting the AutoNAT server: %w", err)
	}
	return nil
}

// startDHT serves the DHT and enters it by the nodes of --bootstrap.
func (n *node) startDHT(ctx context.Context, opts options) error {
	all := []dht.Option{dht.ProtocolPrefix(protocol.ID(opts.prefix)), dht.Mode(dht.ModeServer)}
	if opts.validator != "" {
		all = append(all, dht.Validator(only(opts.validator)))
	}
	var err error
	if n.dht, err = dht.New(ctx, n.host, all...); err != nil {
		return fmt.Errorf("starting the DHT: %w", err)
	}
	n.closers = append(n.closers, n.dht)
	for _, text := range opts.bootstrap {
		info, err := peer.AddrInfoFromString(text)
		if err != nil {
			return fmt.Errorf("reading --bootstrap %s: %w", text, err)
		}
		if err := n.host.Connect(ctx, *info); err != nil {
			return fmt.Errorf("connecting to %s: %w", text, err)
		}
	}
	if err := n.dht.Bootstrap(ctx); err != nil {
		return fmt.Errorf("entering the DHT: %w", err)
	}
	if len(opts.bootstrap) == 0 {
		return nil
	}
	return n.untilKnown(ctx)
}

// untilKnown waits until there is somebody in the table of the DHT, which happens a moment after a connection is there.
func (n *node) untilKnown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(pace)
	defer again.Stop()
	for n.dht.RoutingTable().Size() == 0 {
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for another node of the DHT: %w", ctx.Err())
		}
	}
	return nil
}

// addresses returns where the node listens, with its peer id.
func (n *node) addresses() ([]string, error) {
	addrs, err := n.host.Network().InterfaceListenAddresses()
	if err != nil {
		return nil, fmt.Errorf("listing addresses: %w", err)
	}
	named := make([]string, 0, len(addrs))
	for _, addr := range addrs {
		if _, err := addr.ValueForProtocol(ma.P_CIRCUIT); err == nil {
			continue // the relay client, which waits for circuits
		}
		named = append(named, fmt.Sprintf("%s/p2p/%s", addr, n.host.ID()))
	}
	return named, nil
}

// close ends what was started, the last first.
func (n *node) close() {
	for i := len(n.closers) - 1; i >= 0; i-- {
		if err := n.closers[i].Close(); err != nil {
			slog.Warn("closing", "error", err)
		}
	}
}
