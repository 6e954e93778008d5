"""Contact cards: the string that an owner hands out so that somebody can reach the agent and knows that it is the one."""

import base64
from dataclasses import dataclass

from libp2p.crypto.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from libp2p.peer.id import ID
from multiaddr import Multiaddr

from .cbor import Fields, MismatchError
from .envelope import Kind, open_, seal
from .ident import agent_id, derive_address, fingerprint, is_name

PREFIX = "airway:"

# Cap of a card's envelope, in bytes.
MAX_BYTES = 2_048

MAX_ADDRESSES = 8
MAX_ADDRESS_BYTES = 128

_KIND = Kind(b"airway-card-v1", MAX_BYTES, "key")


class CardError(ValueError):
    """The text or the bytes are not a valid card."""


def unbase64url(text: str) -> bytes | None:
    """Bytes from base64url without padding, of the one spelling that there is for them."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if base64url(data) == text else None


def base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Card:
    """A contact card whose signature has been verified."""

    data: bytes
    key: bytes
    address: str
    name: str | None
    addresses: list[Multiaddr]

    @classmethod
    def sign(cls, key: Ed25519PrivateKey, name: str | None, addresses: list[Multiaddr]) -> "Card":
        """Sign a card of the backbone. The addresses are without the own ``/p2p``."""
        public = key.get_public_key().to_bytes()
        derived = derive_address(0, agent_id(public), 0)
        if derived is None:
            raise CardError("the agent of the key has no address")
        binary = [address.to_bytes() for address in addresses]
        body = {"version": 1, "key": public, "network": 0, "nonce": derived[1], "name": name, "addresses": binary}
        return cls.from_bytes(seal(_KIND, key, body))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Card":
        """Verify the bytes of a card."""
        return cls(data, *_validate(open_(_KIND, data)))

    @classmethod
    def parse(cls, text: str) -> "Card":
        """Blanks around the card are allowed: copying leaves them there."""
        text = text.strip()
        if not text.startswith(PREFIX):
            raise CardError("not a card: a card begins with airway:")
        data = unbase64url(text.removeprefix(PREFIX))
        if data is None:
            raise CardError("the card is truncated or altered")
        return cls.from_bytes(data)

    @property
    def agent(self) -> bytes:
        return agent_id(self.key)

    @property
    def peer(self) -> ID:
        return ID.from_pubkey(Ed25519PublicKey.from_bytes(self.key))

    @property
    def endpoint(self) -> str:
        return f"{self.address}#{fingerprint(self.agent)}"

    def __str__(self) -> str:
        return PREFIX + base64url(self.data)


def _validate(body: Fields) -> tuple[bytes, str, str | None, list[Multiaddr]]:
    version, key = body.number("version"), body.data("key", 32)
    network, nonce = body.number("network", 0xFFFF), body.number("nonce", 0xFF)
    name = body.text("name") if body.has("name") else None
    addresses = body.list("addresses")
    if version != 1:
        raise CardError(f"card version {version} is not known, only 1 is")
    derived = derive_address(network, agent_id(key), nonce)
    if derived is None or derived[1] != nonce:
        raise CardError(f"the agent of the card has no address at nonce {nonce}")
    if name is not None and not is_name(name):
        raise CardError("the name on the card is none")
    if len(addresses) > MAX_ADDRESSES:
        raise CardError(f"more than {MAX_ADDRESSES} multiaddrs on a card")
    return key, derived[0], name, [_multiaddr(address) for address in addresses]


def _multiaddr(data: object) -> Multiaddr:
    if not isinstance(data, bytes):
        raise MismatchError("an address is bytes")
    if len(data) > MAX_ADDRESS_BYTES:
        raise CardError("a multiaddr on the card is too long")
    try:
        address = Multiaddr(data)
        last = [protocol.name for protocol in address.protocols()][-1:]
        str(address)
    except Exception as error:  # py-multiaddr raises whatever its codecs do
        raise CardError("a multiaddr on the card is malformed") from error
    if last in ([], ["p2p"]):
        raise CardError("a multiaddr on the card is empty, or ends in /p2p")
    return address
