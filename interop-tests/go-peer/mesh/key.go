package mesh

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/airway-net/airway/interop-tests/go-peer/id"
)

// KeyKind is what a key of the DHT is made of. The set at a key of each kind has rules of its own.
type KeyKind uint8

// The kinds there are.
const (
	// KeyAddress is of an address: one agent has it, or several claim that they do.
	KeyAddress KeyKind = iota + 1
	// KeyName is of a name: the same.
	KeyName
	// KeyTag is of a tag: many agents have it.
	KeyTag
)

// KeyKinds are all kinds there are.
func KeyKinds() []KeyKind { return []KeyKind{KeyAddress, KeyName, KeyTag} }

// Namespace is the type of the records at keys of this kind, as other implementations of the DHT keep them apart.
func (k KeyKind) Namespace() string {
	switch k {
	case KeyAddress:
		return "airway-addr"
	case KeyName:
		return "airway-name"
	default:
		return "airway-tag"
	}
}

func (k KeyKind) prefix() string { return "/" + k.Namespace() + "/" }
func (k KeyKind) domain() string { return k.Namespace() + "-key-v1\x00" }

// KeyKindOf is the kind of a key with these bytes; false: nothing of ours is there.
func KeyKindOf(key []byte) (KeyKind, bool) {
	for _, kind := range KeyKinds() {
		if hash, found := strings.CutPrefix(string(key), kind.prefix()); found && len(hash) == sha256.Size {
			return kind, true
		}
	}
	return 0, false
}

// Key is that by which an agent can be found.
type Key struct {
	kind KeyKind
	of   string
}

// AddressKey is the key of a node number; the network stands before it.
func AddressKey(node uint32) Key {
	return Key{kind: KeyAddress, of: string(binary.BigEndian.AppendUint32(nil, node))}
}

// NameKey is the key of a name that an agent claims or that was certified.
func NameKey(name id.Name) Key { return Key{kind: KeyName, of: string(name)} }

// TagKey is the key of one of the tags that an agent claims.
func TagKey(tag id.Tag) Key { return Key{kind: KeyTag, of: string(tag)} }

// Kind is what it is made of.
func (k Key) Kind() KeyKind { return k.kind }

// Bytes are the key in the DHT of this network. It is a hash, so that whoever stores a claim does not learn from the key
// alone what was looked for.
func (k Key) Bytes(network NetworkID) []byte {
	hash := sha256.New()
	hash.Write([]byte(k.kind.domain()))
	hash.Write(network[:])
	hash.Write([]byte(k.of))
	return hash.Sum([]byte(k.kind.prefix()))
}
