package id

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/airway-net/airway/interop-tests/go-peer/wire"
)

// addressDomain keeps the hash behind a node number apart from every other hash of an agent id.
const addressDomain = "airway-addr-v1\x00"

// MaxNonce is the highest nonce of an address. So few keep the nonce from becoming a way to choose an address.
const MaxNonce = 15

// Node numbers that no agent has: below for fixed parts of a network, above for broadcast and what is to come.
const (
	reservedBelow = 0x1_0000
	reservedFrom  = 0xFFFF_FF00
)

// addressBytes is how long an address is in messages.
const addressBytes = 6

var (
	// ErrNonce says that an agent has no address from a nonce up.
	ErrNonce = errors.New("the agent has no address at this nonce")
	// ErrAddress says that a text is no address.
	ErrAddress = errors.New("an address reads N:NNNN.HHHH.LLLL")
)

// Address is a 16-bit network and a 32-bit node in it, written N:NNNN.HHHH.LLLL. In messages it is six bytes.
type Address struct {
	// Network is 0 for the open backbone; 1 to 255 are for local use and tests.
	Network uint16
	// Node is the number of the agent in every network.
	Node uint32
}

// Derive is the address of an agent in a network, and the nonce that gave it. Nonces whose node number is reserved are
// skipped, so that the returned nonce may be above the given one.
func Derive(network uint16, agent AgentID, nonce uint8) (Address, uint8, error) {
	for ; nonce <= MaxNonce; nonce++ {
		hash := sha256.Sum256(append(append([]byte(addressDomain), agent[:]...), nonce))
		address := Address{Network: network, Node: binary.BigEndian.Uint32(hash[:])}
		if !address.IsReserved() {
			return address, nonce, nil
		}
	}
	return Address{}, 0, ErrNonce
}

// IsReserved says whether the node number is one that no agent can derive.
func (a Address) IsReserved() bool { return a.Node < reservedBelow || a.Node >= reservedFrom }

// Bytes are network and node, both big-endian: they sort as addresses do.
func (a Address) Bytes() [addressBytes]byte {
	var b [addressBytes]byte
	binary.BigEndian.PutUint16(b[:], a.Network)
	binary.BigEndian.PutUint32(b[2:], a.Node)
	return b
}

// AddressOfBytes is the inverse of [Address.Bytes]. Any six bytes are an address.
func AddressOfBytes(b [addressBytes]byte) Address {
	return Address{Network: binary.BigEndian.Uint16(b[:]), Node: binary.BigEndian.Uint32(b[2:])}
}

// ParseAddress reads an address: one spelling but for case.
func ParseAddress(text string) (Address, error) {
	decimal, groups, colon := strings.Cut(text, ":")
	if !colon {
		return Address{}, fmt.Errorf("%w: the colon after the network is missing", ErrAddress)
	}
	network, err := parseDecimal(decimal)
	if err != nil {
		return Address{}, fmt.Errorf("%w: the network before the colon: %w", ErrAddress, err)
	}
	var numbers []uint16
	for group := range strings.SplitSeq(groups, ".") {
		number, ok := parseGroup(group)
		if !ok {
			return Address{}, fmt.Errorf("%w: %q is not four hexadecimal digits", ErrAddress, group)
		}
		numbers = append(numbers, number)
	}
	if len(numbers) != 3 {
		return Address{}, fmt.Errorf("%w: three groups follow the colon, not %d", ErrAddress, len(numbers))
	}
	if numbers[0] != network {
		return Address{}, fmt.Errorf("%w: the network is %d before the colon but %d in the first group", ErrAddress, network, numbers[0])
	}
	return Address{Network: network, Node: uint32(numbers[1])<<16 | uint32(numbers[2])}, nil
}

// String is the address as text, in upper case.
func (a Address) String() string {
	return fmt.Sprintf("%d:%04X.%04X.%04X", a.Network, a.Network, a.Node>>16, a.Node&0xFFFF)
}

// MarshalText implements [encoding.TextMarshaler].
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (a *Address) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAddress(string(text))
	return err
}

// MarshalCBOR implements cbor.Marshaler.
func (a Address) MarshalCBOR() ([]byte, error) { return wire.EncodeItem(a.Bytes()) }

// UnmarshalCBOR implements cbor.Unmarshaler.
func (a *Address) UnmarshalCBOR(item []byte) error {
	var b [addressBytes]byte
	if err := wire.DecodeItem(item, &b); err != nil {
		return err
	}
	*a = AddressOfBytes(b)
	return nil
}

// errDecimal says that a text is not the one decimal spelling of a 16-bit number.
var errDecimal = errors.New("not a decimal number from 0 to 65535 without leading zeros")

// parseDecimal reads the one decimal spelling of a 16-bit number: no sign, no leading zero.
func parseDecimal(text string) (uint16, error) {
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil || strconv.FormatUint(number, 10) != text {
		return 0, errDecimal
	}
	return uint16(number), nil
}

// parseGroup reads exactly four hexadecimal digits.
func parseGroup(text string) (uint16, bool) {
	number, err := strconv.ParseUint(text, 16, 16)
	return uint16(number), err == nil && strings.EqualFold(fmt.Sprintf("%04x", number), text)
}
