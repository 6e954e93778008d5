"""Varints, frames, CBOR and envelopes: section 4."""

import ed25519
from refused import refuse

PAYLOAD_TYPE = b"/airway/cbor"
MAX_DEPTH = 16
MAX_PREFIX = 5


def varint(number):
    written = b""
    while number > 127:
        written += bytes([number & 127 | 128])
        number >>= 7
    return written + bytes([number])


def read_varint(data, at):
    """A number, and where it ends."""
    number = 0
    for index in range(MAX_PREFIX):
        if at >= len(data):
            refuse("cut short")
        byte = data[at]
        at += 1
        number |= (byte & 127) << 7 * index
        if byte < 128:
            if byte == 0 and index:
                refuse("a longer varint than needed")
            return number, at
    return refuse("a prefix of more than five bytes")


def frame(stream, cap):
    """The body of the first frame, and what follows it."""
    length, at = read_varint(stream, 0)
    if length > cap:
        refuse("over the cap")
    if len(stream) - at < length:
        refuse("cut short")
    return stream[at : at + length], stream[at + length :]


class Reader:
    """CBOR in the strict subset."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if len(self.data) - self.at < count:
            refuse("cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def head(self):
        initial = self.take(1)[0]
        major, info = initial >> 5, initial & 31
        if info < 24:
            return major, info, info
        if info > 27:
            refuse("an indefinite length, or a reserved byte")
        number = int.from_bytes(self.take(1 << (info - 24)), "big")
        if major != 7 and number < (24, 1 << 8, 1 << 16, 1 << 32)[info - 24]:
            refuse("a longer number than needed")
        return major, info, number

    def count(self, number, unit, depth):
        if number > (len(self.data) - self.at) // unit:
            refuse("a length beyond the end")
        if depth > MAX_DEPTH:
            refuse("too deep")
        return range(number)

    def text(self, length):
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            return refuse("no UTF-8")

    def entries(self, number, depth):
        entries = {}
        for _ in self.count(number, 2, depth):
            major, _, length = self.head()
            if major != 3:
                refuse("a key that is not text")
            key = self.text(length)
            if key in entries:
                refuse("a key twice")
            entries[key] = self.item(depth)
        return entries

    def item(self, depth):
        major, info, number = self.head()
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.take(number)
        if major == 3:
            return self.text(number)
        if major == 4:
            return [self.item(depth + 1) for _ in self.count(number, 1, depth + 1)]
        if major == 5:
            return self.entries(number, depth + 1)
        if major == 7 and info in (20, 21, 22):
            return {20: False, 21: True, 22: None}[info]
        return refuse("a tag, a float, or another simple value")


def message(data):
    """A CBOR map, and nothing behind it."""
    reader = Reader(data)
    read = reader.item(0)
    if not isinstance(read, dict):
        refuse("no map")
    if reader.at != len(data):
        refuse("something follows")
    return read


def envelope(data, domain, cap):
    """The key that signed, and the message."""
    if len(data) > cap:
        refuse("over the cap")
    fields, at = [], 0
    for tag in (0x0A, 0x12, 0x1A, 0x2A):
        if data[at : at + 1] != bytes([tag]):
            refuse("another field")
        length, at = read_varint(data, at + 1)
        if not 0 < length <= len(data) - at:
            refuse("cut short, or empty")
        fields.append(data[at : at + length])
        at += length
    public_key, payload_type, payload, signature = fields
    if at != len(data) or public_key[:4] != bytes.fromhex("08011220") or len(public_key) != 36:
        refuse("another encoding")
    if payload_type != PAYLOAD_TYPE:
        refuse("another type of payload")
    parts = (domain.encode(), payload_type, payload)
    ed25519.verify(public_key[4:], b"".join(varint(len(part)) + part for part in parts), signature)
    return ed25519.strong(public_key[4:]), message(payload)
