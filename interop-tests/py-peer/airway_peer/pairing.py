"""Trust by a ticket: what we ask, and what we hear about it. Kept in memory alone."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import trio
from libp2p.crypto.ed25519 import Ed25519PrivateKey
from libp2p.peer.id import ID

from . import cbor
from .card import Card
from .frame import CONTROL_FRAME, frame, read_frame
from .ident import agent_id
from .port import Stream
from .ticket import KNOCK, Ticket, encode_knock
from .trust import MAX_AHEAD, MAX_FRAME, Answer, Draft, Kind, Statement

# How long whoever made the ticket may take to accept, in seconds.
PATIENCE = 20

# What is to be done once a statement is answered.
Then = Callable[[], Awaitable[None]]


class PairingError(Exception):
    """The other did not accept."""


@dataclass
class Contact:
    """Somebody who trusts us, and whom we trust."""

    card: Card
    request: Statement
    generation: int  # of the last statement that counted
    heard: int  # when the last statement of the contact was signed


@dataclass
class _Asked:
    """Somebody whom we have asked."""

    card: Card
    request: Statement
    answered: trio.Event = field(default_factory=trio.Event)
    rejected: bool = False

    async def settle(self) -> None:
        self.answered.set()


class Relations:
    """All that an agent knows of others."""

    def __init__(self, key: Ed25519PrivateKey, ended: Callable[[ID], Awaitable[None]]) -> None:
        self.contacts: dict[ID, Contact] = {}
        self._asked: dict[ID, _Asked] = {}
        self._key = key
        self._agent = agent_id(key.get_public_key().to_bytes())
        self._ended = ended

    def admits(self, peer: ID) -> bool:
        """Whether a peer may be connected with us."""
        return peer in self.contacts or peer in self._asked

    async def ask(self, ticket: Ticket, own: Card, open_: Callable[[Card, str], Awaitable[Stream]]) -> Contact:
        """Asks for trust by a ticket, and waits for the accept."""
        peer = ticket.card.peer
        # Of the next round: what was said before is over.
        generation = self.contacts[peer].generation + 1 if peer in self.contacts else 1
        said = Draft(Kind.REQUEST, generation, now(), card=own)
        asked = _Asked(ticket.card, Statement.sign(self._key, ticket.card.agent, said))
        self._asked[peer] = asked
        try:
            with trio.fail_after(PATIENCE):
                await self._knock(await open_(ticket.card, KNOCK), asked.request, ticket)
                await asked.answered.wait()
        except trio.TooSlowError as error:
            raise PairingError("the ticket was not accepted") from error
        finally:
            del self._asked[peer]
        if asked.rejected:
            raise PairingError("the request was rejected")
        return self.contacts[peer]

    async def _knock(self, stream: Stream, request: Statement, ticket: Ticket) -> None:
        knock = encode_knock(request.data, ticket.prove(request.id))
        await stream.write(frame(knock, MAX_FRAME))
        await stream.expect_ok()
        cbor.decode(await read_frame(stream, CONTROL_FRAME))
        await stream.inner.close_write()

    async def hear(self, stream: Stream, peer: ID) -> None:
        """Responder of port 444."""
        await stream.take()
        data = await read_frame(stream, MAX_FRAME)
        try:
            then = self._learn(Statement.from_bytes(data), peer)
        except ValueError:
            then = None
        answer = Answer.INVALID if then is None else Answer.TAKEN
        try:
            await stream.send([frame(cbor.encode({"answer": int(answer)}), CONTROL_FRAME)])
            # Whoever told it closes when the answer has arrived: before that the connection has to stay.
            await stream.some(1)
        finally:
            if then is not None:
                await then()

    def _learn(self, statement: Statement, peer: ID) -> Then | None:
        """Takes in a statement; nothing if it breaks a rule."""
        said = statement.said
        mine = statement.key == peer.extract_public_key().to_bytes() and statement.to == self._agent
        if not mine or said.at > now() + MAX_AHEAD:
            return None
        match said.kind:
            case Kind.ACCEPT:
                return self._accepted(said, peer)
            case Kind.REJECT:
                return self._rejected(said, peer)
            case Kind.REVOKE:
                return self._revoked(said, peer)
        return None

    def _accepted(self, said: Draft, peer: ID) -> Then | None:
        contact, asked = self.contacts.get(peer), self._asked.get(peer)
        if contact and contact.request.id == said.answers:
            # Told again because our answer was lost.
            return nothing
        if not asked or asked.request.id != said.answers:
            return None
        generation = max(asked.request.said.generation, said.generation)
        self.contacts[peer] = Contact(said.card or asked.card, asked.request, generation, said.at)
        return asked.settle

    def _rejected(self, said: Draft, peer: ID) -> Then | None:
        asked = self._asked.get(peer)
        if not asked or asked.request.id != said.answers:
            return None
        asked.rejected = True
        return asked.settle

    def _revoked(self, said: Draft, peer: ID) -> Then:
        contact = self.contacts.get(peer)
        if not contact:
            return nothing
        newer = said.at > contact.heard or said.generation >= contact.generation
        if not newer and said.answers != contact.request.id:
            return nothing
        del self.contacts[peer]
        return lambda: self._ended(peer)


async def nothing() -> None:
    """Nothing is left to do."""


def now() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000
