"""Tickets, and the knock that uses one."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from . import cbor
from .card import MAX_BYTES as MAX_CARD
from .card import PREFIX as CARD
from .card import Card, base64url, unbase64url
from .cbor import Fields

PREFIX = "airway-pair:"

# The protocol by which a stranger says something. It belongs to no port.
KNOCK = "/airway/knock/1.0.0"

# Cap of a ticket's bytes.
MAX_BYTES = MAX_CARD + 128

# Bytes of the digest at the end of a ticket.
_CHECK = 4


class TicketError(ValueError):
    """The text is not a ticket."""


@dataclass(frozen=True, repr=False)
class Ticket:
    """A card with a secret that is good for one request."""

    card: Card
    id: bytes
    secret: bytes
    expires: int

    @classmethod
    def parse(cls, text: str) -> "Ticket":
        """Blanks around the ticket are allowed."""
        body = Fields(cbor.decode(_checked(text.strip())))
        card = Card.from_bytes(body.data("card"))
        return cls(card, body.data("id", 8), body.data("secret", 16), body.number("expires"))

    def prove(self, statement: bytes) -> dict[str, Any]:
        """The proof that goes along with a request, which is named by its id."""
        proof = hmac.digest(self.secret, b"airway-ticket-v1\0" + statement, hashlib.sha256)
        return {"ticket": self.id, "proof": proof}

    def __str__(self) -> str:
        body = {"card": self.card.data, "id": self.id, "secret": self.secret, "expires": self.expires}
        contents = cbor.encode(body)
        return PREFIX + base64url(contents + hashlib.sha256(contents).digest()[:_CHECK])


def _checked(text: str) -> bytes:
    if text.startswith(CARD):
        raise TicketError("that is a contact card, not a ticket")
    if not text.startswith(PREFIX):
        raise TicketError("not a ticket: a ticket begins with airway-pair:")
    data = unbase64url(text.removeprefix(PREFIX))
    if data is None or len(data) < _CHECK:
        raise TicketError("the ticket is truncated or altered")
    if len(data) > MAX_BYTES:
        raise TicketError("too long for a ticket")
    contents, digits = data[:-_CHECK], data[-_CHECK:]
    if hashlib.sha256(contents).digest()[:_CHECK] != digits:
        raise TicketError("the ticket is truncated or altered")
    return contents


def encode_knock(statement: bytes, ticket: dict[str, Any] | None) -> bytes:
    """What a stranger says, without its frame."""
    return cbor.encode({"statement": statement, "ticket": ticket})


def decode_knock(body: bytes) -> tuple[bytes, dict[str, bytes] | None]:
    """The statement in a knock, and the proof that came along."""
    fields = Fields(cbor.decode(body))
    ticket = None
    if fields.has("ticket"):
        inner = Fields(fields.entries["ticket"])
        ticket = {"ticket": inner.data("ticket", 8), "proof": inner.data("proof", 32)}
    return fields.data("statement"), ticket
