"""Who an agent is, the label by which people name it, and what names and patterns may look like."""

import base64
import hashlib
import re

# Highest nonce of an address.
MAX_NONCE = 15

# Longest name, in characters, and longest pattern, in bytes of UTF-8.
MAX_NAME = 63
MAX_PATTERN = 128

_P = 2**255 - 19

# One of the two pairs of y at which the points of order 8 lie.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7

# The y of all points of small order: under such a key anybody can sign almost anything.
_SMALL_ORDER = {0, 1, _P - 1, _ORDER_8, _P - _ORDER_8}

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_RESERVED = {
    "localhost", "backbone", "broadcast", "registry", "beacon", "nameserver", "authority", "relay", "self",
}  # fmt: skip

# What a terminal acts on, or hides, instead of showing it.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def is_weak(key: bytes) -> bool:
    """Whether an Ed25519 public key proves nothing."""
    return (int.from_bytes(key, "little") & (1 << 255) - 1) % _P in _SMALL_ORDER


def agent_id(key: bytes) -> bytes:
    """The agent whose first key this is."""
    return hashlib.sha256(b"airway-agent-v1\0" + key).digest()


def fingerprint(agent: bytes) -> str:
    """The first 80 bits of an agent id."""
    return base64.b32encode(agent[:10]).decode().lower()


def derive_address(network: int, agent: bytes, start: int) -> tuple[str, int] | None:
    """The address of an agent at the first nonce from the given one up that gives any, and that nonce."""
    for nonce in range(start, MAX_NONCE + 1):
        node = int.from_bytes(hashlib.sha256(b"airway-addr-v1\0" + agent + bytes([nonce])).digest()[:4])
        if 0x1_0000 <= node < 0xFFFF_FF00:
            return f"{network}:{network:04X}.{node >> 16:04X}.{node & 0xFFFF:04X}", nonce
    return None


def is_name(text: str) -> bool:
    """Whether a text is the name of an agent."""
    fits = len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None
    return fits and not text.startswith("xn--") and text not in _RESERVED


def is_pattern(text: object) -> bool:
    """Whether something is a pattern of topics."""
    if not isinstance(text, str) or len(text.encode()) > MAX_PATTERN or _HIDDEN.search(text):
        return False
    segments = text.split("/")
    if "**" in segments[:-1]:
        return False
    return all(segment in ("*", "**") or (segment and "*" not in segment) for segment in segments)
