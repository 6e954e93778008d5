package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/ipfs/go-cid"
	record "github.com/libp2p/go-libp2p-record"
	"github.com/multiformats/go-multihash"
)

// errForeign refuses records of all namespaces but one.
var errForeign = errors.New("a record of another namespace")

// only returns the validator of a DHT that stores the records of one namespace, and nothing else.
func only(namespace string) record.Validator {
	return record.NamespacedValidator{namespace: anything{}}
}

// anything takes every record of its namespace, and prefers the first.
type anything struct{}

func (anything) Validate(string, []byte) error { return nil }

func (anything) Select(_ string, values [][]byte) (int, error) {
	if len(values) == 0 {
		return 0, errForeign
	}
	return 0, nil
}

// providerKey returns under what the agents in the network of a swarm key say that they are found: a CIDv1 of raw bytes,
// whose hash is
//
//	sha2-256("airway-addr-key-v1\0" ‖ network ‖ number of the node, 4 bytes, most significant first)
//	sha2-256("airway-name-key-v1\0" ‖ network ‖ name)
//	sha2-256("airway-tag-key-v1\0" ‖ network ‖ tag)
//
// where network is sha2-256("airway-swarm-key-v1\0" ‖ swarm key). It returns an error if kind is none of "address", "name" and
// "tag", or an address is not the 8 hexadecimal digits of a node, such as "12CFAA5B".
func providerKey(psk []byte, kind, of string) (cid.Cid, error) {
	var domain string
	value := []byte(of)
	switch kind {
	case "address":
		number, err := strconv.ParseUint(of, 16, 32)
		if err != nil {
			return cid.Undef, fmt.Errorf("reading the number of a node: %w", err)
		}
		domain, value = "airway-addr-key-v1\x00", binary.BigEndian.AppendUint32(nil, uint32(number))
	case "name":
		domain = "airway-name-key-v1\x00"
	case "tag":
		domain = "airway-tag-key-v1\x00"
	default:
		return cid.Undef, fmt.Errorf("no kind of key: %q", kind)
	}
	network := sha256.Sum256(append([]byte("airway-swarm-key-v1\x00"), psk...))
	preimage := append(append([]byte(domain), network[:]...), value...)
	hash, err := multihash.Sum(preimage, multihash.SHA2_256, -1)
	if err != nil {
		return cid.Undef, fmt.Errorf("hashing: %w", err)
	}
	return cid.NewCidV1(cid.Raw, hash), nil
}
