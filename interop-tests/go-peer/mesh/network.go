package mesh

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Domains of the hashes over networks, each ended by a zero byte.
const (
	networkDomain  = "airway-net-v1\x00"
	swarmKeyDomain = "airway-swarm-key-v1\x00"
	protocolDomain = "airway-proto-v1\x00"
)

// backbone is what the open backbone has in place of a genesis.
const backbone = "backbone"

// tagBytes make 16 characters of base32: no two networks of the world share them by chance.
const tagBytes = 10

// NetworkID is a network, for good: the SHA-256 of its genesis under a domain of its own.
type NetworkID [32]byte

// ParseNetworkID reads 64 hexadecimal digits.
func ParseNetworkID(text string) (NetworkID, error) {
	var id NetworkID
	if len(text) != hex.EncodedLen(len(id)) {
		return NetworkID{}, errNetworkID
	}
	if _, err := hex.Decode(id[:], []byte(text)); err != nil {
		return NetworkID{}, errNetworkID
	}
	return id, nil
}

var errNetworkID = errors.New("the id of a network is 64 hexadecimal digits")

// String is the id in hexadecimal digits.
func (n NetworkID) String() string { return hex.EncodeToString(n[:]) }

// Realm is a network as its protocols see it.
type Realm struct {
	id        NetworkID
	number    uint16
	authority crypto.PubKey
}

// Backbone is the open network that everybody is in.
func Backbone() Realm { return Realm{id: sha256.Sum256([]byte(networkDomain + backbone))} }

// RealmOf is the mesh that began so.
func RealmOf(genesis *Genesis) Realm {
	return Realm{id: genesis.ID(), number: genesis.Number(), authority: genesis.Authority()}
}

// RealmOfSwarmKey is the network of those who have this key. It has the number of the backbone, and cannot reach it.
func RealmOfSwarmKey(key [32]byte) Realm {
	return Realm{id: sha256.Sum256(append([]byte(swarmKeyDomain), key[:]...))}
}

// ID is the network.
func (r Realm) ID() NetworkID { return r.id }

// Number is what addresses in it begin with: 0 where there is no genesis.
func (r Realm) Number() uint16 { return r.number }

// Authority is the key that says who is in it; nil where whoever gets there is.
func (r Realm) Authority() crypto.PubKey { return r.authority }

// Tag is what its protocol id has in it: 16 characters that an outsider cannot guess, and that do not give the id away.
func (r Realm) Tag() string {
	hash := sha256.Sum256(append([]byte(protocolDomain), r.id[:]...))
	return strings.ToLower(base32.StdEncoding.EncodeToString(hash[:tagBytes]))
}

// KadPrefix is what stands before /kad/1.0.0 in the protocol id of its DHT.
func (r Realm) KadPrefix() protocol.ID {
	if r.id == Backbone().id {
		return "/airway"
	}
	return protocol.ID("/airway/" + r.Tag())
}

// Kad is the protocol of its DHT. Members alone are offered it.
func (r Realm) Kad() protocol.ID { return r.KadPrefix() + "/kad/1.0.0" }

// Meshsub is the one protocol id under which its members speak gossipsub; empty where there is no authority, and so nobody
// who could be kept out.
func (r Realm) Meshsub() protocol.ID {
	if r.authority == nil {
		return ""
	}
	return protocol.ID("/airway/" + r.Tag() + "/meshsub/1.1.0")
}

// EventsTopic is the one topic that gossipsub has among its members; empty where there is no authority.
func (r Realm) EventsTopic() string {
	if r.authority == nil {
		return ""
	}
	return "/airway/" + r.Tag() + "/events"
}
