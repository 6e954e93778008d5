"""Frames: an unsigned-varint length, then that many bytes."""

from typing import Protocol

from .envelope import varint

# Cap of a frame that controls something, in bytes.
CONTROL_FRAME = 4 * 1024

# Longest prefix, in bytes.
_MAX_PREFIX = 5


class FrameError(ValueError):
    """The frame breaks a rule. The stream is of no further use."""


class Reads(Protocol):
    """What frames are read from."""

    async def exactly(self, count: int) -> bytes: ...


def frame(body: bytes, most: int) -> bytes:
    """A frame as bytes."""
    if len(body) > most:
        raise FrameError(f"a frame of {len(body)} bytes is over the limit of {most}")
    return varint(len(body)) + body


async def read_frame(stream: Reads, most: int) -> bytes:
    """Read one frame of at most so many bytes."""
    length = await _prefix(stream)
    if length > most:
        raise FrameError(f"a frame of {length} bytes is over the limit of {most}")
    return await stream.exactly(length)


async def _prefix(stream: Reads) -> int:
    length = 0
    for at in range(_MAX_PREFIX):
        byte = (await stream.exactly(1))[0]
        length |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:
            if byte == 0 and at > 0:
                break
            return length
    raise FrameError("the length of a frame is not a minimal varint")
