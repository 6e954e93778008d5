"""Identity and texts: sections 3 and 5."""

import base64
import hashlib
import re

from refused import refuse
from wire import read_varint

RESERVED = "localhost backbone broadcast registry beacon nameserver authority relay self".split()
HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

# Multiaddrs: bytes of data of each protocol, or None where a length stands before them.
DATA = {4: 4, 41: 16, 6: 2, 273: 2, 461: 0, 290: 0, 53: None, 54: None, 55: None, 56: None, 421: None}
P2P, NAMES = 421, (53, 54, 55, 56)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def agent_id(key):
    return sha256(b"airway-agent-v1\0", key)


def base32(data):
    return base64.b32encode(data).decode().rstrip("=").lower()


def unbase64(written):
    """base64url without padding, in its one form."""
    if not re.fullmatch("[A-Za-z0-9_-]*", written) or len(written) % 4 == 1:
        refuse("no base64url")
    data = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != written:
        refuse("bits that are not used")
    return data


def behind(prefix, written):
    """The bytes behind the prefix of a card, a ticket or an invite."""
    written = written.strip()
    if not written.startswith(prefix):
        refuse("another prefix")
    return unbase64(written[len(prefix) :])


def checked(data, cap):
    """What stands before the check."""
    if not 4 <= len(data) <= cap or sha256(data[:-4])[:4] != data[-4:]:
        refuse("the check does not fit")
    return data[:-4]


def derive(agent, nonce):
    """The node number from a nonce up, and the nonce that gave it."""
    for used in range(nonce, 16):
        node = int.from_bytes(sha256(b"airway-addr-v1\0", agent, bytes([used]))[:4], "big")
        if 0x10000 <= node < 0xFFFFFF00:
            return node, used
    return refuse("no address")


def node_at(key, nonce):
    """The node number at exactly this nonce."""
    node, used = derive(agent_id(key), nonce)
    if used != nonce:
        refuse("a nonce that is skipped")
    return node


def write_address(network, node):
    return f"{network}:{network:04X}.{node >> 16:04X}.{node & 0xFFFF:04X}"


def decimal(written, least=0):
    if not re.fullmatch("0|[1-9][0-9]{0,4}", written) or not least <= int(written) <= 65535:
        refuse("no number")
    return int(written)


def port(written):
    return decimal(written, 1)


def address(written):
    parts = re.fullmatch(r"([^:]*):([0-9A-Fa-f]{4})\.([0-9A-Fa-f]{4})\.([0-9A-Fa-f]{4})", written)
    if not parts:
        refuse("no address")
    network, group, high, low = decimal(parts[1]), *(int(parts[at], 16) for at in (2, 3, 4))
    if network != group:
        refuse("two networks")
    return network, high << 16 | low


def endpoint(written):
    """As it is written canonically."""
    parts = re.fullmatch(r"([^:]*:[^:#]*)(?:#([^:]*))?(?::(.*))?", written, re.DOTALL)
    if not parts:
        refuse("no endpoint")
    canonical = write_address(*address(parts[1]))
    if parts[2] is not None:
        if not re.fullmatch("[a-zA-Z2-7]{16}", parts[2]):
            refuse("no fingerprint")
        canonical += "#" + parts[2].lower()
    if parts[3] is not None:
        canonical += f":{port(parts[3])}"
    return canonical


def name(written):
    if not isinstance(written, str) or not re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", written):
        refuse("no name")
    if written.startswith("xn--") or written in RESERVED:
        refuse("a name that is kept")
    return written


def tag(written):
    if not isinstance(written, str) or not re.fullmatch("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", written):
        refuse("no tag")
    return written


def file_name(written):
    if not 1 <= len(written.encode()) <= 200 or written.startswith("."):
        refuse("no name of a file")
    if HIDDEN.search(written) or re.search("[/\\\\\u200c\u200d]", written):
        refuse("a character that names of files do not have")
    return written


def pattern(written):
    if not isinstance(written, str) or len(written.encode()) > 128 or HIDDEN.search(written):
        refuse("no pattern")
    *others, last = written.split("/")
    if "**" in others or any(not segment for segment in [*others, last]):
        refuse("** before the end, or nothing")
    if any("*" in segment and segment not in ("*", "**") for segment in [*others, last]):
        refuse("an asterisk beside something")
    return written


def topic(written):
    if "*" in pattern(written):
        refuse("an asterisk in a topic")
    return written


def matches(wanted, written):
    """Whether a pattern means a topic."""
    wanted, segments = wanted.split("/"), written.split("/")
    if wanted in (["*"], ["**"]):
        return True
    if wanted[-1] == "**":
        wanted.pop()
        if len(segments) <= len(wanted):
            return False
        segments = segments[: len(wanted)]
    return len(wanted) == len(segments) and all(one in ("*", other) for one, other in zip(wanted, segments))


def position(written):
    """The two numbers of a position."""
    parts = re.fullmatch(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)", written, re.ASCII)
    if not parts or max(map(int, parts.groups())) >= 2**64:
        refuse("no position")
    return tuple(map(int, parts.groups()))


def multiaddr_data(protocol, data):
    if protocol in NAMES:
        try:
            data.decode()
        except UnicodeDecodeError:
            refuse("no UTF-8")
    if protocol == P2P:
        code, at = read_varint(data, 0)
        length, at = read_varint(data, at)
        if length != len(data) - at or not (code == 0x12 and length <= 64 or code == 0 and length <= 42):
            refuse("no multihash of a peer id")


def multiaddr(data):
    """The code of the last protocol."""
    last, at = None, 0
    while at < len(data):
        last, at = read_varint(data, at)
        if last not in DATA:
            refuse(f"the protocol {last} is not known")
        length = DATA[last]
        if length is None:
            length, at = read_varint(data, at)
        if length > len(data) - at:
            refuse("cut short")
        multiaddr_data(last, data[at : at + length])
        at += length
    return last if last is not None else refuse("an empty multiaddr")
