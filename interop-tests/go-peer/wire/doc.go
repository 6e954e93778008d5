// Package wire is what all protocols share: frames with a length in front, strict CBOR inside, and signed envelopes.
//
//	frame    unsigned-varint length ‖ that many bytes
//	object   a CBOR map with text keys, in a strict subset
//	signed   a libp2p signed envelope (RFC 0002) around one such object
//
// A message is a struct whose exported fields all have `cbor:"name"` tags. It is read and written by fxamacker/cbor; what
// a peer may send is scanned before that, and compared with the types after it.
//
// The subset leaves out whatever would let two readers understand the same bytes differently, or let few bytes claim much
// memory: bytes after the message, a key twice in one map, indefinite lengths and longer forms than needed, keys other
// than text, tags, floats, simple values but false, true and null, text that is not UTF-8, nesting over [MaxDepth], and
// lengths over what follows. Unknown keys are ignored, so that a later minor version may add some.
//
// Nothing here has a timeout of its own: whoever reads a stream sets its deadline.
package wire
