package card

import (
	"unicode/utf8"
)

// What stands behind the code of a protocol in a multiaddr, where it is not a fixed number of bytes.
const (
	// textValue is a length and so many bytes of UTF-8.
	textValue = -1 - iota
	// bytesValue is a length and so many bytes.
	bytesValue
	// hashValue is a length and a multihash.
	hashValue
	// peerValue is a length and the multihash of a peer id.
	peerValue
)

// Codes of multihashes that peer ids have, and the longest digests.
const (
	hashIdentity  = 0x00
	hashSHA256    = 0x12
	maxInlineKey  = 42
	maxHashDigest = 64
)

// valueOf says what stands behind a code. The multiaddrs of a card are made of these protocols alone, whatever more a
// library knows: all readers have to agree on which cards are valid.
func valueOf(code uint32) (value int, known bool) {
	switch code {
	case 480, 443, 276, 275, 280, 479, 290, 460, 461, 448, 454, 301, 302, 465, 477, 478, 277, 281:
		return 0, true // http https …-webrtc-… p2p-circuit quic quic-v1 tls noise udt utp webtransport ws wss webrtc
	case 43:
		return 1, true // ipcidr
	case 6, 273, 33, 132:
		return 2, true // tcp udp dccp sctp
	case 4:
		return 4, true // ip4
	case 777:
		return 8, true // memory
	case 444:
		return 12, true // onion
	case 41:
		return 16, true // ip6
	case 445:
		return 37, true // onion3
	case 53, 54, 55, 56, 400, 4770, 4780, 42, 449, 481:
		return textValue, true // dns dns4 dns6 dnsaddr unix ws and wss with a path, ip6zone sni http-path
	case 446, 447:
		return bytesValue, true // garlic64 garlic32
	case 466:
		return hashValue, true // certhash
	case 421:
		return peerValue, true // p2p
	}
	return 0, false
}

// lastProtocol is the code of the last protocol of a multiaddr in binary form, unless it is empty or malformed.
func lastProtocol(address []byte) (code int, ok bool) {
	for len(address) > 0 {
		number, rest, ok := varint(address, 5)
		value, known := valueOf(uint32(number))
		if !ok || !known {
			return 0, false
		}
		if address, ok = skipValue(rest, value); !ok {
			return 0, false
		}
		code = int(uint32(number))
	}
	return code, code != 0
}

// skipValue passes over the value of a protocol.
func skipValue(b []byte, value int) (rest []byte, ok bool) {
	if value >= 0 {
		if len(b) < value {
			return nil, false
		}
		return b[value:], true
	}
	length, b, ok := varint(b, 10)
	if !ok || length > uint64(len(b)) {
		return nil, false
	}
	data, rest := b[:length], b[length:]
	switch value {
	case textValue:
		return rest, utf8.Valid(data)
	case hashValue:
		_, _, ok = multihash(data)
		return rest, ok
	case peerValue:
		code, digest, ok := multihash(data)
		return rest, ok && (code == hashSHA256 || code == hashIdentity && digest <= maxInlineKey)
	}
	return rest, true
}

// multihash reads exactly one multihash, and returns its code and how long its digest is.
func multihash(b []byte) (code uint64, digest int, ok bool) {
	code, b, ok = varint(b, 10)
	if !ok {
		return 0, 0, false
	}
	size, b, ok := varint(b, 10)
	return code, len(b), ok && size <= maxHashDigest && size == uint64(len(b))
}

// varint reads a minimal varint of at most max bytes. Bits over what the number has room for fall away.
func varint(b []byte, max int) (number uint64, rest []byte, ok bool) {
	for index, digit := range b {
		if index == max {
			break
		}
		number |= uint64(digit&0x7F) << (7 * index)
		if digit&0x80 == 0 {
			return number, b[index+1:], digit != 0 || index == 0
		}
	}
	return 0, nil, false
}
