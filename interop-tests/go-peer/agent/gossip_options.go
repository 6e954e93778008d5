package agent

import (
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/airway-net/airway/interop-tests/go-peer/event"
)

const (
	// maxIDs bounds the ids in one IHAVE: agents in Rust take control messages of 8 KiB.
	maxIDs = 300
	// maxAnnouncements bounds the IHAVEs of one peer that are looked at between two heartbeats.
	maxAnnouncements = 10
	// maxSubscriptions bounds the topics that one frame names.
	maxSubscriptions = 16
	// waitToBeJudged bounds the messages that wait to be judged, of at most 64 KiB each; a further one is ignored.
	waitToBeJudged = 256
	// waitToBeRead bounds the messages that wait for one peer to read them; a further one is dropped.
	waitToBeRead = 256
	// mostInMesh bounds the mesh: whoever is found by all takes in those that find nobody else.
	mostInMesh = 48
	// toldOutside is how many outside of the mesh hear each second what there was, in the last keptSeconds.
	toldOutside = 12
	keptSeconds = 5
	// seenFor is how long an id is remembered: for as long as a broadcast may travel.
	seenFor = 2 * time.Minute
)

// What gossipsub thinks of others, below which score which consequence follows.
const (
	noGossip    = -10
	noPublished = -50
	graylisted  = -80
)

// options are gossipsub as every agent runs it.
func (g *gossip) options() []pubsub.Option {
	params := pubsub.DefaultGossipSubParams()
	params.Dhi, params.Dlazy = mostInMesh, toldOutside
	params.HistoryLength, params.HistoryGossip = keptSeconds, keptSeconds
	params.MaxIHaveLength, params.MaxIHaveMessages, params.PrunePeers = maxIDs, maxAnnouncements, 0
	// The one protocol is version 1.1: a PRUNE says for how long.
	features := func(feature pubsub.GossipSubFeature, _ protocol.ID) bool {
		return feature == pubsub.GossipSubFeatureMesh || feature == pubsub.GossipSubFeaturePX
	}
	topics := pubsub.NewAllowlistSubscriptionFilter(g.realm.EventsTopic())
	return []pubsub.Option{
		pubsub.WithGossipSubProtocols(g.protocols(), features),
		pubsub.WithGossipSubParams(params),
		// What an event says is signed inside: by whom, for which network, when. Nothing of it is said twice.
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithNoAuthor(),
		pubsub.WithMessageIdFn(func(message *pb.Message) string { return event.MessageID(message.GetData()) }),
		pubsub.WithSeenMessagesTTL(seenFor),
		pubsub.WithMaxMessageSize(event.MaxTransmit),
		pubsub.WithSubscriptionFilter(pubsub.WrapLimitSubscriptionFilter(topics, maxSubscriptions)),
		pubsub.WithAppSpecificRpcInspector(newFrameMeter(&g.copies).inspect),
		pubsub.WithValidateQueueSize(waitToBeJudged),
		pubsub.WithPeerOutboundQueueSize(waitToBeRead),
		pubsub.WithPeerExchange(false),
		pubsub.WithFloodPublish(true),
		pubsub.WithPeerScore(g.scoreParams(), &pubsub.PeerScoreThresholds{
			GossipThreshold: noGossip, PublishThreshold: noPublished, GraylistThreshold: graylisted,
			// Peers are never taken from what others say.
			AcceptPXThreshold: 10,
			// A mesh that only sits there is given two who deliver.
			OpportunisticGraftThreshold: 1,
		}),
		pubsub.WithPeerScoreInspect(pubsub.ExtendedPeerScoreInspectFn(g.inspect), time.Second),
	}
}

// scoreParams are those of agents in Rust. Nobody is punished for being quiet: most topics are, most of the time. Nor for
// sharing an address: members are let in one by one.
func (g *gossip) scoreParams() *pubsub.PeerScoreParams {
	return &pubsub.PeerScoreParams{
		SkipAtomicValidation: true,
		Topics: map[string]*pubsub.TopicScoreParams{g.realm.EventsTopic(): {
			SkipAtomicValidation:         true,
			TopicWeight:                  1,
			TimeInMeshWeight:             1,
			TimeInMeshQuantum:            time.Minute,
			TimeInMeshCap:                1,
			FirstMessageDeliveriesWeight: 0.5,
			FirstMessageDeliveriesDecay:  0.99,
			FirstMessageDeliveriesCap:    8,
			// Three of them are one too many for everybody, and each further one costs a minute.
			InvalidMessageDeliveriesWeight: -10,
			InvalidMessageDeliveriesDecay:  wrongDecay,
		}},
		TopicScoreCap:             5,
		AppSpecificScore:          func(p peer.ID) float64 { return g.judge.blameOf(p, time.Now()) },
		AppSpecificWeight:         1,
		BehaviourPenaltyWeight:    -10,
		BehaviourPenaltyThreshold: 6,
		BehaviourPenaltyDecay:     0.9,
		DecayInterval:             time.Second,
		DecayToZero:               0.01,
		RetainScore:               time.Hour,
		SeenMsgTTL:                seenFor,
	}
}

func (g *gossip) inspect(scores map[peer.ID]*pubsub.PeerScoreSnapshot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.scores = scores
}
