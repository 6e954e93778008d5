"""The peer of the interop tests on py-libp2p: flags in, one JSON object per line out. See README.md."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

import trio

from airway_peer.agent import Agent
from airway_peer.host import LISTEN



class UnknownVerbError(ValueError):
    """Nobody here can do that."""


def say(**message: Any) -> None:
    """Writes one line."""
    print(json.dumps(message), flush=True)


class Verbs:
    """What the peer does for whoever drives it: one method each."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    async def card(self) -> dict[str, Any]:
        return {"card": str(self.agent.card())}

    async def pair(self, ticket: str) -> dict[str, Any]:
        return {"who": (await self.agent.pair(ticket)).endpoint}

    async def contacts(self) -> dict[str, Any]:
        cards = self.agent.contacts
        return {"contacts": [{"who": card.endpoint, "name": card.name, "state": "trusted"} for card in cards]}

    async def ping(self, who: str) -> dict[str, Any]:
        return await self.agent.ping(who)

    async def echo(self, who: str, bytes: int) -> dict[str, Any]:  # noqa: A002, the name is the contract's
        return await self.agent.echo(who, bytes)

    async def serve(self, port: int) -> dict[str, Any]:
        self.agent.serve(port)
        return {}

    async def call(self, who: str, port: int, bytes: int) -> dict[str, Any]:  # noqa: A002
        return await self.agent.call(who, port, bytes)

    async def path(self, who: str) -> dict[str, Any]:
        return self.agent.path(who)

    async def disconnect(self, who: str) -> dict[str, Any]:
        await self.agent.disconnect(who)
        return {}


def reason(error: BaseException) -> str:
    """What went wrong, without the groups in which trio puts it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


async def answer(verbs: Verbs, line: str) -> None:
    request_id = None
    try:
        request = json.loads(line)
        request_id, name = request.pop("id"), request.pop("do")
        verb: Callable[..., Any] | None = None if name.startswith("_") else getattr(verbs, name, None)
        if not callable(verb):
            raise UnknownVerbError(f"unknown verb {name}")
        say(id=request_id, ok=True, **await verb(**request))
    except Exception as error:  # of one request: the driver hears of it, and may go on
        say(id=request_id, ok=False, error=reason(error))


async def main(flags: argparse.Namespace) -> None:
    async with Agent.run(flags.name, flags.transport, flags.listen) as agent:
        card = agent.card()
        say(event="ready", peer=str(card.peer), endpoint=card.endpoint, card=str(card))
        async with trio.open_nursery() as nursery:
            async for line in trio.wrap_file(sys.stdin):
                nursery.start_soon(answer, Verbs(agent), line)
            nursery.cancel_scope.cancel()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    parser.add_argument("--transport", required=True, choices=LISTEN)
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument("--home", help="taken for the sake of the contract: nothing is kept on disk")
    return parser.parse_args()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL if "LIBP2P_DEBUG" not in os.environ else logging.NOTSET)
    try:
        trio.run(main, parse())
    except Exception as error:  # whatever it is, the driver has to hear of it
        say(event="failed", error=reason(error))
        sys.exit(1)
