package agent

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	kad "github.com/libp2p/go-libp2p-kad-dht"
	pb "github.com/libp2p/go-libp2p-kad-dht/pb"
	record "github.com/libp2p/go-libp2p-record"
	recpb "github.com/libp2p/go-libp2p-record/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
	"github.com/airway-net/airway/interop-tests/go-peer/mesh"
)

const (
	// maxQueries bounds lookups and publications at once: each has a few requests under way.
	maxQueries = 64
	// queryTime is how long one of them may take.
	queryTime = 20 * time.Second
	// elsewhere is in how many places of the table, besides our own, servers are looked for.
	elsewhere = 3
)

// directory is the DHT of our network, and our part in it: go-libp2p's Kademlia among those who have proved to be members,
// over a store of our own that takes nothing but claims.
//
//	lookup ──► own store ──► the servers nearest to the key ──► sets of claims, which the reader judges and merges
//	publish ─► the servers nearest to the key ─► each takes the claim or not ─► how many did
type directory struct {
	m         *membership
	realm     mesh.Realm
	kad       *kad.IpfsDHT
	host      *kadHost
	store     *records
	messenger *pb.ProtocolMessenger
	queries   chan struct{}
	published atomic.Int64
}

// newDirectory takes part in the DHT of a network, as a client at first.
func newDirectory(ctx context.Context, m *membership, realm mesh.Realm) (*directory, error) {
	d := &directory{
		m: m, realm: realm, host: &kadHost{Host: m.agent.host, members: m.members}, queries: make(chan struct{}, maxQueries),
		store: newRecords(m.agent.PeerID(), realm, m.members.revocations),
	}
	sender := &kadSender{m: m, proto: realm.Kad()}
	validators := make(record.NamespacedValidator)
	for _, kind := range mesh.KeyKinds() {
		validators[kind.Namespace()] = claimValidator{realm: realm, revoked: m.members.revocations}
	}
	isNobodyExpelled := func(_ any, info peer.AddrInfo) bool {
		agent, err := id.AgentIDOfPeer(info.ID)
		return err == nil && !m.members.revocations().Contains(agent)
	}
	table, err := kad.New(ctx, d.host,
		kad.ProtocolPrefix(realm.KadPrefix()),
		// Whether anybody is served is a matter of the handler, which kadHost has.
		kad.Mode(kad.ModeServer),
		kad.Validator(validators),
		kad.Datastore(d.store),
		kad.ProviderStore(noProviders{}),
		kad.DisableProviders(),
		// Where a server is comes from itself, or from having asked it; looks for others are ours.
		kad.DisableAutoRefresh(),
		kad.BootstrapPeers(),
		kad.QueryFilter(isNobodyExpelled),
		kad.MaxRecordAge(mesh.ClaimLife*time.Millisecond),
		kad.WithCustomMessageSender(func(host.Host, []protocol.ID) pb.MessageSenderWithDisconnect { return sender }),
	)
	if err != nil {
		return nil, fmt.Errorf("starting the DHT: %w", err)
	}
	if d.messenger, err = pb.NewProtocolMessenger(sender); err != nil {
		return nil, fmt.Errorf("starting the DHT: %w", err)
	}
	d.kad = table
	return d, nil
}

func (d *directory) close() {
	d.serve(false)
	_ = d.kad.Close()
}

// serve answers members, or ceases to.
func (d *directory) serve(serves bool) {
	proto := d.realm.Kad()
	if !serves {
		d.m.agent.RemoveHandler(proto)
		return
	}
	d.m.agent.gate.rule(proto, d.m.members.contains)
	d.m.agent.host.SetStreamHandler(proto, d.host.serve)
}

// note puts a member that serves into the table, and takes one out that does not.
func (d *directory) note(one *member) {
	p := one.certificate.PeerID()
	if !one.serves {
		d.kad.RoutingTable().RemovePeer(p)
		return
	}
	d.m.agent.host.Peerstore().AddAddrs(p, one.card.Addresses(), peerstore.PermanentAddrTTL)
	_, _ = d.kad.RoutingTable().TryAddPeer(p, true, false)
}

// drop forgets a server.
func (d *directory) drop(p peer.ID) { d.kad.RoutingTable().RemovePeer(p) }

// refill puts those servers back that the table has forgotten because they did not answer once.
func (d *directory) refill() {
	for _, one := range d.m.members.list() {
		if one.serves {
			d.note(one)
		}
	}
}

// servers are those that we know.
func (d *directory) servers() []peer.ID { return d.kad.RoutingTable().ListPeers() }

func (d *directory) size() int { return d.kad.RoutingTable().Size() }

// findServers asks the servers that we know for those near us, and for those in a few other places.
func (d *directory) findServers(ctx context.Context) {
	d.refill()
	_, _ = d.nearest(ctx, string(d.m.agent.PeerID()))
	for prefix := range uint(elsewhere) {
		if other, err := d.kad.RoutingTable().GenRandPeerID(prefix); err == nil {
			_, _ = d.nearest(ctx, string(other))
		}
	}
}

// nearest are the servers nearest to a key, besides ourselves.
func (d *directory) nearest(ctx context.Context, key string) ([]peer.ID, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	if d.size() == 0 {
		return nil, nil
	}
	return d.kad.GetClosestPeers(ctx, key)
}

// query takes a place for a lookup or a publication; the caller has to call the function that it returns.
func (d *directory) query(ctx context.Context) (func(), error) {
	select {
	case d.queries <- struct{}{}:
		return func() { <-d.queries }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lookup gives the values of a key to read, one after the other, until it returns false. It returns how many servers have
// answered, whatever they know.
func (d *directory) lookup(ctx context.Context, key []byte, read func(value []byte, answered int) bool) (int, error) {
	done, err := d.query(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	if value := d.store.value(key); value != nil && d.m.isServer() && !read(value, 0) {
		return 0, nil
	}
	d.refill()
	servers, err := d.nearest(ctx, string(key))
	if err != nil && len(servers) == 0 {
		return 0, err
	}
	values := make(chan []byte, len(servers))
	var asking sync.WaitGroup
	for _, p := range servers {
		asking.Go(func() {
			if found, _, err := d.messenger.GetValue(ctx, p, string(key)); err == nil {
				values <- found.GetValue()
			}
		})
	}
	go func() {
		asking.Wait()
		close(values)
	}()
	answered := 0
	for value := range values {
		answered++
		if !read(value, answered) {
			break
		}
	}
	return answered, nil
}

// publish gives a value to the servers nearest to its key, ourselves too if we serve, and returns how many took it.
func (d *directory) publish(ctx context.Context, key, value []byte) int {
	done, err := d.query(ctx)
	if err != nil {
		return 0
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	var stored atomic.Int64
	if d.m.isServer() && d.store.take(key, value) == nil {
		stored.Add(1)
	}
	d.refill()
	servers, _ := d.nearest(ctx, string(key))
	var asking sync.WaitGroup
	for _, p := range servers {
		asking.Go(func() {
			if d.messenger.PutValue(ctx, p, &recpb.Record{Key: key, Value: value}) == nil {
				stored.Add(1)
			}
		})
	}
	asking.Wait()
	return int(stored.Load())
}
