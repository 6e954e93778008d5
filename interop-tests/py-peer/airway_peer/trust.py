"""Statements: what one agent says to another about trust, signed."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from libp2p.crypto.ed25519 import Ed25519PrivateKey

from .card import Card
from .cbor import Fields, MismatchError
from .envelope import Kind as Signed
from .envelope import open_, seal
from .ident import agent_id, is_pattern

PROTOCOL = "/airway/trust/1.0.0"

# Cap of a frame that carries a statement, and of a statement's envelope, in bytes.
MAX_FRAME = 8 * 1024
MAX_BYTES = 7_936

# How far the author's clock may be ahead of ours, in milliseconds.
MAX_AHEAD = 24 * 60 * 60 * 1000

# Largest generation and largest time.
MAX_NUMBER = 2**53

# Longest text, in bytes of UTF-8.
MAX_TEXT = 1024

MAX_PORTS = 64
MAX_PATTERNS = 16

_KIND = Signed(b"airway-trust-v1", MAX_BYTES, "from")


class Kind(IntEnum):
    """What a statement says."""

    REQUEST = 0
    ACCEPT = 1
    REJECT = 2
    REVOKE = 3


class Answer(IntEnum):
    """What became of a statement that was told."""

    TAKEN = 0
    INVALID = 1
    FAILED = 2


class StatementError(ValueError):
    """A rule for statements or scopes is broken."""


@dataclass(frozen=True)
class Draft:
    """What is to be said, before it is signed."""

    kind: Kind
    generation: int
    at: int  # milliseconds since the Unix epoch
    text: str | None = None
    answers: bytes | None = None
    scopes: dict[str, Any] | None = None
    card: Card | None = None


@dataclass(frozen=True)
class Statement:
    """A statement after every check that needs no context."""

    data: bytes
    key: bytes
    to: bytes
    said: Draft

    @classmethod
    def sign(cls, key: Ed25519PrivateKey, to: bytes, said: Draft) -> "Statement":
        """Sign a statement to the agent ``to``."""
        body = {
            "version": 1,
            "kind": int(said.kind),
            "from": key.get_public_key().to_bytes(),
            "to": to,
            "generation": said.generation,
            "at": said.at,
            "text": said.text,
            "answers": said.answers,
            "scopes": said.scopes,
            "card": said.card.data if said.card else None,
        }
        return cls.from_bytes(seal(_KIND, key, body))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Statement":
        """Verify the bytes of a statement."""
        body = open_(_KIND, data)
        return cls(data, body.data("from", 32), body.data("to", 32), _validate(body))

    @property
    def id(self) -> bytes:
        return hashlib.sha256(b"airway-trust-id-v1\0" + self.data).digest()

    @property
    def agent(self) -> bytes:
        return agent_id(self.key)


def _validate(body: Fields) -> Draft:
    if (version := body.number("version")) != 1:
        raise StatementError(f"statement version {version} is not known, only 1 is")
    said = Draft(
        kind=Kind(body.number("kind", max(Kind))),
        generation=body.number("generation", MAX_NUMBER),
        at=body.number("at", MAX_NUMBER),
        text=body.text("text") if body.has("text") else None,
        answers=body.data("answers", 32) if body.has("answers") else None,
        scopes=read_scopes(body.entries["scopes"]) if body.has("scopes") else None,
        card=Card.from_bytes(body.data("card")) if body.has("card") else None,
    )
    if len((said.text or "").encode()) > MAX_TEXT:
        raise StatementError("the text is over the limit")
    if said.card and said.card.key != body.data("from"):
        raise StatementError("the card is another agent's")
    _parts(said)
    return said


def _parts(said: Draft) -> None:
    """Which parts a statement of its kind has."""
    request, last = said.kind == Kind.REQUEST, said.kind in (Kind.REJECT, Kind.REVOKE)
    if request and (said.answers or not said.card):
        raise StatementError("a request brings a card, and answers nothing")
    if said.kind in (Kind.ACCEPT, Kind.REJECT) and not said.answers:
        raise StatementError("it has to name the request that it answers")
    if last and (said.scopes or said.card):
        raise StatementError("a reject and a revoke have neither scopes nor card")


def read_scopes(entries: Any) -> dict[str, Any]:
    """Read what a trusted agent may do, and check the limits."""
    fields = Fields(entries)
    ports = "all" if entries.get("ports") == "all" else _ports(fields.list("ports"))
    publish, subscribe = fields.list("publish"), fields.list("subscribe")
    scopes = {"ports": ports, "publish": publish, "subscribe": subscribe, "submit": fields.flag("submit")}
    if not all(map(is_pattern, publish + subscribe)):
        raise MismatchError("something is no pattern")
    if max(len(publish), len(subscribe)) > MAX_PATTERNS:
        raise StatementError("too many patterns")
    if fields.has("until"):
        scopes["until"] = fields.number("until", MAX_NUMBER)
    return scopes


def _ports(ports: list[Any]) -> list[int]:
    if not all(type(port) is int and 1 <= port <= 0xFFFF for port in ports) or len(set(ports)) != len(ports):
        raise MismatchError("something is no port, or stands twice")
    if len(ports) > MAX_PORTS:
        raise StatementError("too many ports")
    return sorted(ports)
