"""Signed objects: a libp2p signed envelope (RFC 0002) around one CBOR message, in the one form that sealing writes."""

from dataclasses import dataclass
from typing import Any

from libp2p.crypto.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import cbor
from .ident import is_weak

PAYLOAD_TYPE = b"/airway/cbor"

# What stands before an Ed25519 key in libp2p's protobuf of it.
_ED25519 = b"\x08\x01\x12\x20"

# Tags of an envelope's fields, each of bytes: public key, payload type, payload, signature.
_TAGS = b"\x0a\x12\x1a\x2a"


class EnvelopeError(ValueError):
    """The envelope is not in order."""


@dataclass(frozen=True)
class Kind:
    """A kind of object that is only ever sent signed."""

    domain: bytes  # keeps signatures over this kind apart from all others
    most: int  # bytes of the whole envelope
    signer: str  # the field that names the author's key


def seal(kind: Kind, key: Ed25519PrivateKey, body: dict[str, Any]) -> bytes:
    """Sign an object that names the key as its author's."""
    payload = cbor.encode(body)
    public = key.get_public_key().to_bytes()
    data = _write([_ED25519 + public, PAYLOAD_TYPE, payload, key.sign(_signed(kind.domain, payload))])
    if len(data) > kind.most:
        raise EnvelopeError("over the limit")
    return data


def open_(kind: Kind, data: bytes) -> cbor.Fields:
    """Verify an envelope, and return the object inside."""
    if len(data) > kind.most:
        raise EnvelopeError("over the limit")
    public, payload_type, payload, signature = _read(data)
    key = public[4:]
    if len(public) != 36 or not public.startswith(_ED25519):
        raise EnvelopeError("no ed25519 key")
    if payload_type != PAYLOAD_TYPE:
        raise EnvelopeError("the envelope holds another type of payload")
    if len(signature) != 64 or not Ed25519PublicKey.from_bytes(key).verify(_signed(kind.domain, payload), signature):
        raise EnvelopeError("the signature does not fit")
    if is_weak(key):
        raise EnvelopeError("the key of the signer is weak: anybody can sign with it")
    body = cbor.Fields(cbor.decode(payload))
    if body.entries.get(kind.signer) != key:
        raise EnvelopeError("signed by another key than named")
    return body


def _signed(domain: bytes, payload: bytes) -> bytes:
    """What the signature is over."""
    return b"".join(varint(len(part)) + part for part in (domain, PAYLOAD_TYPE, payload))


def _write(fields: list[bytes]) -> bytes:
    return b"".join(bytes([tag]) + varint(len(field)) + field for tag, field in zip(_TAGS, fields, strict=True))


def _read(data: bytes) -> list[bytes]:
    """The four fields of an envelope. Written anew they have to be the same bytes: an object goes under one hash."""
    fields = []
    at = 0
    for tag in _TAGS:
        if data[at : at + 1] != bytes([tag]):
            raise EnvelopeError("not a signed envelope")
        length, at = _length(data, at + 1)
        fields.append(data[at : at + length])
        at += length
    if _write(fields) != data:
        raise EnvelopeError("the envelope is cut short, or has an unusual encoding")
    return fields


def varint(value: int) -> bytes:
    """An unsigned varint."""
    groups = []
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def _length(data: bytes, at: int) -> tuple[int, int]:
    length = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            break
        length |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return length, at
    raise EnvelopeError("not a signed envelope")
