"""A contact of Airway agents: pairs with a ticket, then opens ports and serves some."""

import hashlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import trio
from libp2p.abc import IHost, INetStream
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo

from .card import Card
from .host import run_host
from .pairing import Relations
from .port import CHUNK, ECHO, SERVICES, Stream, digest, echo, protocol_of, read_line
from .ticket import Ticket
from .trust import PROTOCOL as TRUST

# Bytes of a ping.
PING = 32

# How long a dial may take, and the negotiation of a stream, in seconds.
DIAL = 10


def noise(count: int) -> Iterator[bytes]:
    """Pseudo-random bytes, the same each time, in chunks."""
    source = random.Random(count)
    for at in range(0, count, CHUNK):
        yield source.randbytes(min(CHUNK, count - at))


class Agent:
    """See the module."""

    def __init__(self, name: str | None, transport: str) -> None:
        self._name = name
        self._transport = transport
        self._host: IHost
        self._relations: Relations

    @classmethod
    @asynccontextmanager
    async def run(cls, name: str | None, transport: str, ip: str) -> AsyncIterator["Agent"]:
        """An agent with a new key, until the context ends."""
        agent = cls(name, transport)
        async with run_host(transport, ip, lambda peer: agent._relations.admits(peer)) as host:
            agent._host = host
            agent._relations = Relations(host.get_private_key(), agent._close)
            agent._handle(TRUST, agent._relations.hear)
            agent._handle(ECHO, lambda stream, _: echo(stream))
            yield agent

    def card(self) -> Card:
        """What to hand out."""
        return Card.sign(self._host.get_private_key(), self._name, self._host.get_transport_addrs())

    @property
    def contacts(self) -> list[Card]:
        return [contact.card for contact in self._relations.contacts.values()]

    async def pair(self, text: str) -> Card:
        """Becomes a contact of the agent that made a ticket."""
        contact = await self._relations.ask(Ticket.parse(text), self.card(), self._open)
        # What libp2p offers is decided once for each connection: the next one has identify and ping.
        await self._close(contact.card.peer)
        await self._connect(contact.card)
        return contact.card

    async def ping(self, who: str) -> dict[str, Any]:
        """One round trip."""
        await self._connect(self._find(who))
        answer = await self.echo(who, PING)
        return {"micros": answer["micros"], "relayed": False}

    async def echo(self, who: str, count: int) -> dict[str, Any]:
        """Sends bytes to port 7, and compares what comes back."""
        stream = await self._open(self._find(who), ECHO)
        begun = time.monotonic_ns()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stream.send, noise(count))
            await stream.expect_ok()
            for chunk in noise(count):
                if await stream.exactly(len(chunk)) != chunk:
                    raise ValueError("something else came back")
        return {"bytes": count, "micros": (time.monotonic_ns() - begun) // 1000}

    async def call(self, who: str, port: int, count: int) -> dict[str, Any]:
        """Sends bytes to a port, and checks the digest in the answer."""
        stream = await self._open(self._find(who), protocol_of(port))
        expected = hashlib.sha256()
        for chunk in noise(count):
            expected.update(chunk)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stream.send, noise(count))
            await stream.expect_ok()
            answer = await read_line(stream)
        if answer != {"bytes": count, "sha256": expected.hexdigest()}:
            raise ValueError("the digest is of something else")
        return answer

    def serve(self, port: int) -> None:
        """Listens on a port, and answers each stream with the digest of what came."""
        if port in SERVICES:
            raise ValueError(f"port {port} belongs to a service")
        self._handle(protocol_of(port), lambda stream, _: digest(stream))

    def path(self, who: str) -> dict[str, Any]:
        """How we are connected, by the newest connection."""
        all_ = self._host.get_network().get_connections(self._find(who).peer)
        open_ = [conn for conn in all_ if not conn.is_closed]
        if not open_:
            raise ConnectionError("there is no connection")
        # There is but one transport and one security to choose from.
        transport, _, security = self._transport.partition("-")
        dialled = open_[-1].muxed_conn.is_initiator
        return {"transport": transport, "security": security or transport, "dialled": dialled}

    async def disconnect(self, who: str) -> None:
        """Closes what there is."""
        await self._close(self._find(who).peer)

    def _find(self, who: str) -> Card:
        """The card of a contact, by endpoint or name."""
        found = [card for card in self.contacts if who in (card.endpoint, card.name)]
        if len(found) != 1:
            raise LookupError(f"{who} is no contact, or more than one")
        return found[0]

    async def _connect(self, card: Card) -> None:
        with trio.fail_after(DIAL):
            await self._host.connect(PeerInfo(card.peer, card.addresses))

    async def _open(self, card: Card, protocol: str) -> Stream:
        await self._connect(card)
        with trio.fail_after(DIAL):
            return Stream(await self._host.new_stream(card.peer, [protocol]))

    def _handle(self, protocol: str, serve: Callable[[Stream, ID], Awaitable[None]]) -> None:
        """Serves a protocol to contacts, and the answers of those whom we have asked."""

        async def handle(inner: INetStream) -> None:
            peer = inner.muxed_conn.peer_id
            try:
                if not self._relations.admits(peer):
                    raise PermissionError("not a contact")
                await serve(Stream(inner), peer)
            except Exception:  # of one stream: whatever it is, the other side sees a reset
                await inner.reset()

        self._host.set_stream_handler(protocol, handle)

    async def _close(self, peer: ID) -> None:
        await self._host.disconnect(peer)
