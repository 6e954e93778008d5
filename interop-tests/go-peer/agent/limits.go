package agent

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/x/rate"
)

// What all peers together may occupy.
const (
	// maxConnections bounds the connections in all, and those from one address: a fleet may stand behind one router.
	maxConnections = 256
	// connectionsPerPeer bounds the connections of one peer: two who dial each other at once have two, on each transport.
	connectionsPerPeer = 4
	// streamsPerPeer leaves room for libp2p's own protocols beside ours, and stays below the 512 at which other
	// implementations end a connection.
	streamsPerPeer = inboundPerPeer + outboundPerPeer + 56
)

// How often others may connect, a second and at once: from one address (of IPv6, one network of 64 bits), from 256
// addresses, and in all. Loopback is not counted.
var (
	rateOfAddress = rate.Limit{RPS: 10, Burst: 100}
	rateOfSubnet  = rate.Limit{RPS: 20, Burst: 150}
	rateInAll     = rate.Limit{RPS: 40, Burst: 200}
)

func newRates() *rate.Limiter {
	return &rate.Limiter{
		GlobalLimit: rateInAll,
		NetworkPrefixLimits: []rate.PrefixLimit{
			{Prefix: netip.MustParsePrefix("127.0.0.0/8")},
			{Prefix: netip.MustParsePrefix("::1/128")},
		},
		SubnetRateLimiter: rate.SubnetLimiter{
			IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: rateOfAddress}, {PrefixLength: 24, Limit: rateOfSubnet}},
			IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 64, Limit: rateOfAddress}},
			GracePeriod:      time.Minute,
		},
	}
}

// newLimits makes the resource manager. go-libp2p's own limits for one peer are for hosts with thousands of peers, and
// narrower than ours, which are enforced where they can be answered with "busy".
func newLimits() (network.ResourceManager, error) {
	scaling := rcmgr.DefaultLimits
	libp2p.SetDefaultServiceLimits(&scaling)
	of := func(streams rcmgr.LimitVal) rcmgr.ResourceLimits {
		return rcmgr.ResourceLimits{Streams: streams, StreamsInbound: streams, StreamsOutbound: streams, Memory: rcmgr.Unlimited64}
	}
	peer := of(streamsPerPeer)
	peer.Conns, peer.ConnsInbound, peer.ConnsOutbound = connectionsPerPeer, connectionsPerPeer, connectionsPerPeer
	system := of(rcmgr.Unlimited)
	system.Conns, system.ConnsInbound, system.ConnsOutbound = maxConnections, maxConnections, maxConnections
	limits := rcmgr.PartialLimitConfig{
		System:              system,
		ProtocolDefault:     of(rcmgr.Unlimited),
		ProtocolPeerDefault: of(streamsPerPeer),
		PeerDefault:         peer,
	}.Build(scaling.AutoScale())
	manager, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits), rcmgr.WithMetricsDisabled(),
		rcmgr.WithConnRateLimiters(newRates()),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: maxConnections}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 56, ConnCount: maxConnections}},
		))
	if err != nil {
		return nil, fmt.Errorf("making the limits: %w", err)
	}
	return manager, nil
}
