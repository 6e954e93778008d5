"""CBOR (RFC 8949) in the strict subset of Airway: a message is a map with text keys, and each value has one encoding.

Refused are bytes after the message, keys twice or other than text, indefinite lengths, longer forms than needed, tags,
floats, simple values but false, true and null, text that is not UTF-8, and nesting over ``MAX_DEPTH``.
"""

from typing import Any

# Arrays and maps that may stand inside one another: it protects the stack.
MAX_DEPTH = 16

_SIMPLE = {20: False, 21: True, 22: None}


class MalformedError(ValueError):
    """The bytes are not CBOR in the strict subset."""


class MismatchError(ValueError):
    """The bytes are well-formed, but not the message that was expected."""


def encode(message: dict[str, Any]) -> bytes:
    """Encode a message. Keys stand in the order of the dictionary, without optional fields that are None."""
    return _item({key: value for key, value in message.items() if value is not None})


def decode(data: bytes) -> dict[str, Any]:
    """Decode a message from exactly these bytes."""
    if data and data[0] >> 5 != 5:
        raise MalformedError("a message that is not a map")
    scan = _Scan(data)
    message = scan.item(0)
    if scan.at != len(data):
        raise MalformedError("bytes after the message")
    return message


def _item(value: Any) -> bytes:
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            text = value.encode()
            return _head(3, len(text)) + text
        case list():
            return _head(4, len(value)) + b"".join(map(_item, value))
        case dict():
            entries = b"".join(_item(key) + _item(entry) for key, entry in value.items())
            return _head(5, len(value)) + entries
    raise TypeError(f"{type(value)} has no encoding")


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    power = next(power for power in range(4) if value < 1 << (8 << power))
    return bytes([major << 5 | 24 + power]) + value.to_bytes(1 << power)


class _Scan:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def item(self, depth: int) -> Any:
        major, info, value = self.head()
        match major:
            case 0:
                return value
            case 1:
                return -1 - value
            case 2:
                return self.take(self.length(value, 1))
            case 3:
                return self.text(value)
            case 4:
                count = self.inside(value, 1, depth + 1)
                return [self.item(depth + 1) for _ in range(count)]
            case 5:
                return self.map(self.inside(value, 2, depth + 1), depth + 1)
            case 7 if info in _SIMPLE:
                return _SIMPLE[info]
        raise MalformedError("a tag, a float, or a simple value other than false, true and null")

    def head(self) -> tuple[int, int, int]:
        """The initial byte of an item in its two parts, and its number, which has to be in the shortest form."""
        initial = self.take(1)[0]
        major, info = initial >> 5, initial & 31
        if info < 24:
            return major, info, info
        if info > 27:
            raise MalformedError("an indefinite length, or a reserved initial byte")
        width = 1 << (info - 24)
        value = int.from_bytes(self.take(width))
        least = 24 if width == 1 else 1 << (4 * width)
        if major != 7 and value < least:
            raise MalformedError("a number in a longer form than needed")
        return major, info, value

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise MalformedError("an item that is cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def length(self, value: int, unit: int) -> int:
        """A length, if as many units of so many bytes are left at all."""
        if value * unit > len(self.data) - self.at:
            raise MalformedError("a length beyond the end")
        return value

    def inside(self, count: int, unit: int, depth: int) -> int:
        self.length(count, unit)
        if depth > MAX_DEPTH:
            raise MalformedError(f"nesting over {MAX_DEPTH} levels")
        return count

    def text(self, length: int) -> str:
        try:
            return self.take(self.length(length, 1)).decode()
        except UnicodeDecodeError as error:
            raise MalformedError("a text that is not utf-8") from error

    def map(self, count: int, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for _ in range(count):
            major, _, length = self.head()
            if major != 3:
                raise MalformedError("a map key that is not text")
            key = self.text(length)
            if key in entries:
                raise MalformedError("a duplicate map key")
            entries[key] = self.item(depth)
        return entries


class Fields:
    """Fields of a decoded message, each of the type that is expected. Keys that nobody asks for are ignored."""

    def __init__(self, entries: Any) -> None:
        if not isinstance(entries, dict):
            raise MismatchError("not a map")
        self.entries: dict[str, Any] = entries

    def has(self, name: str) -> bool:
        """Whether an optional field is there."""
        return self.entries.get(name) is not None

    def number(self, name: str, most: int = 2**64 - 1) -> int:
        value = self._of(name, int)
        if isinstance(value, bool) or not 0 <= value <= most:
            raise MismatchError(f"{name} is no number up to {most}")
        return value

    def text(self, name: str) -> str:
        return self._of(name, str)

    def flag(self, name: str) -> bool:
        return self._of(name, bool)

    def data(self, name: str, length: int | None = None) -> bytes:
        value = self._of(name, bytes)
        if length is not None and len(value) != length:
            raise MismatchError(f"{name} has not {length} bytes")
        return value

    def list(self, name: str) -> list[Any]:
        return self._of(name, list)

    def _of(self, name: str, kind: type) -> Any:
        value = self.entries.get(name)
        if not isinstance(value, kind):
            raise MismatchError(f"{name} is missing, or of another type")
        return value
