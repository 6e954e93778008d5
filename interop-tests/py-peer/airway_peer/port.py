"""Ports, and the status byte in front of every stream."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable

from libp2p.abc import INetStream
from libp2p.network.stream.exceptions import StreamEOF, StreamReset
from libp2p.stream_muxer.exceptions import MuxedStreamEOF
from libp2p.transport.quic.exceptions import QUICStreamClosedError
from libp2p.transport.quic.stream import QUICStream

ECHO = "/airway/echo/1.0.0"

# Ports that services hold, on every agent.
SERVICES = {
    7: ECHO,
    444: "/airway/trust/1.0.0",
    1001: "/airway/data/1.0.0",
    1002: "/airway/events/1.0.0",
    1003: "/airway/tasks/1.0.0",
}

# Bytes that are read, or made and sent, at once.
CHUNK = 64 * 1024

# Longest line with which a port that is served answers, in bytes.
MAX_LINE = 256

_REFUSALS = {1: "the peer is busy", 2: "the peer refused the stream", 3: "nobody listens on that port"}


class RefusedError(ConnectionError):
    """The responder did not take the stream."""


class EndedError(ConnectionError):
    """The stream ended before what was expected had come."""


def protocol_of(port: int) -> str:
    """The protocol that a stream to a port negotiates."""
    if not 1 <= port <= 0xFFFF:
        raise ValueError(f"there is no port {port}")
    return SERVICES.get(port, f"/airway/port/{port}/1.0.0")


class Stream:
    """A stream that is read by as many bytes as are wanted."""

    def __init__(self, inner: INetStream) -> None:
        self.inner = inner

    async def some(self, most: int = CHUNK) -> bytes:
        """What has come, up to so many bytes; nothing at the end."""
        try:
            return await self.inner.read(most)
        except (StreamEOF, StreamReset) as error:
            muxed = self.inner.muxed_stream
            if isinstance(muxed, QUICStream) and not muxed.is_reset():
                return await _rest(muxed, most)
            if isinstance(error, StreamEOF):
                return b""
            raise

    async def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = await self.some(count - len(data))
            if not part:
                raise EndedError(f"the stream ended {count - len(data)} bytes early")
            data += part
        return data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """All that comes until the other side closes its half."""
        while chunk := await self.some():
            yield chunk

    async def expect_ok(self) -> None:
        """Opener: the status byte, which is the first one that comes."""
        status = (await self.exactly(1))[0]
        if status:
            raise RefusedError(_REFUSALS.get(status, f"the peer answered with the unknown status {status}"))

    async def take(self) -> None:
        """Responder: takes the stream."""
        await self.write(b"\0")

    async def write(self, data: bytes) -> None:
        await self.inner.write(data)

    async def send(self, chunks: Iterable[bytes]) -> None:
        """Sends chunks, and closes the own half."""
        for chunk in chunks:
            await self.write(chunk)
        await self.inner.close_write()


async def _rest(muxed: QUICStream, most: int) -> bytes:
    """What is left where py-libp2p has told the end of a QUIC stream too early, or as a reset."""
    try:
        return await muxed.read(most)
    except (MuxedStreamEOF, QUICStreamClosedError):
        return b""


async def echo(stream: Stream) -> None:
    """Echoes a stream until the remote half closes."""
    await stream.take()
    async for chunk in stream:
        await stream.write(chunk)
    await stream.inner.close_write()


async def digest(stream: Stream) -> None:
    """Answers with how much came, and its digest, when all has come."""
    await stream.take()
    digest, count = hashlib.sha256(), 0
    async for chunk in stream:
        digest.update(chunk)
        count += len(chunk)
    line = json.dumps({"bytes": count, "sha256": digest.hexdigest()}, separators=(",", ":"))
    await stream.send([line.encode() + b"\n"])


async def read_line(stream: Stream) -> dict:
    """Opener: the line with which ``digest`` answers."""
    line = b""
    async for chunk in stream:
        line += chunk
        if len(line) > MAX_LINE:
            raise ValueError("the line of the answer is too long")
    return json.loads(line)
