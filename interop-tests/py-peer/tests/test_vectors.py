"""The golden vectors of the protocols, positive and negative."""

import json
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio
from libp2p.crypto.ed25519 import Ed25519PrivateKey
from multiaddr import Multiaddr

from airway_peer import cbor
from airway_peer.card import Card
from airway_peer.cbor import Fields
from airway_peer.envelope import Kind as Signed
from airway_peer.envelope import open_, seal
from airway_peer.frame import CONTROL_FRAME, frame, read_frame
from airway_peer.ident import agent_id, derive_address, is_name, is_pattern
from airway_peer.ticket import Ticket, decode_knock, encode_knock
from airway_peer.trust import MAX_FRAME, Answer, Draft, Kind, Statement, read_scopes

VECTORS = Path(__file__).parents[3] / "protocols" / "tests" / "vectors"


def vectors(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text())


def unhex(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def key_of(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.new(bytes.fromhex(seed))


class Stream:
    """One that ends after these bytes."""

    def __init__(self, data: str) -> None:
        self.data = bytes.fromhex(data)

    async def exactly(self, count: int) -> bytes:
        if len(self.data) < count:
            raise ValueError("the stream ended")
        taken, self.data = self.data[:count], self.data[count:]
        return taken


def framed(data: str, most: int) -> bytes:
    return trio.run(read_frame, Stream(data), most)


class Case(unittest.TestCase):
    def refused(self, negative: list[dict[str, Any]], read: Callable[[dict[str, Any]], object]) -> None:
        self.assertTrue(negative)
        for case in negative:
            with self.subTest(case["why"]), self.assertRaises(ValueError):
                read(case)


class Codec(Case):
    def test_messages_in_the_strict_subset_of_cbor(self) -> None:
        cases = vectors("cbor")
        for case in cases["positive"]:
            self.assertEqual(cbor._item(cbor.decode(bytes.fromhex(case["bytes"]))).hex(), case["bytes"])
        self.refused(cases["negative"], lambda case: cbor.decode(bytes.fromhex(case["bytes"])))

    def test_frames(self) -> None:
        cases = vectors("frame")
        for case in cases["positive"]:
            self.assertEqual(frame(bytes.fromhex(case["body"]), case["max"]).hex(), case["bytes"])
            self.assertEqual(framed(case["bytes"], case["max"]).hex(), case["body"])
        self.refused(cases["negative"], lambda case: framed(case["bytes"], case["max"]))

    def test_signed_envelopes(self) -> None:
        cases = vectors("envelope")
        kind = Signed(cases["positive"][0]["domain"].encode(), 512, "key")
        for case in cases["positive"]:
            key = key_of(case["seed"])
            body = {"key": key.get_public_key().to_bytes(), "text": case["text"]}
            self.assertEqual(seal(kind, key, body).hex(), case["bytes"])
            self.assertEqual(open_(kind, bytes.fromhex(case["bytes"])).text("text"), case["text"])
        self.refused(cases["negative"], lambda case: open_(kind, bytes.fromhex(case["bytes"])).text("text"))

    def test_agents_and_their_addresses(self) -> None:
        for case in vectors("address")["positive"]:
            agent = agent_id(bytes.fromhex(case["public_key"]))
            self.assertEqual(agent.hex(), case["agent_id"])
            derived = derive_address(case["network"], agent, case["nonce"])
            self.assertEqual(derived, (case["address"], case["nonce_used"]))

    def test_names(self) -> None:
        cases = vectors("name")
        for name in cases["positive"]:
            self.assertTrue(is_name(name), name)
        for case in cases["negative"]:
            self.assertFalse(is_name(case["text"]), case["why"])

    def test_contact_cards(self) -> None:
        cases = vectors("card")
        for case in cases["positive"]:
            card = Card.parse(case["text"])
            self.assertEqual(card.data.hex(), case["bytes"])
            self.assertEqual([str(address) for address in card.addresses], case["addresses"])
            if (case["network"], case["nonce"]) == (0, 0):
                addresses = [Multiaddr(address) for address in case["addresses"]]
                self.assertEqual(str(Card.sign(key_of(case["seed"]), case["name"], addresses)), case["text"])
        self.refused(cases["negative"], lambda case: Card.parse(case["text"]))


class Trust(Case):
    trust = vectors("trust")

    def test_statements(self) -> None:
        for case in self.trust["statements"]:
            read = Statement.from_bytes(bytes.fromhex(case["bytes"]))
            card = Card.parse(case["card"]) if case["card"] else None
            kind, answers = Kind(case["kind"]), unhex(case["answers"])
            said = Draft(kind, case["generation"], case["at"], case["text"], answers, case["scopes"], card)
            self.assertEqual((read.id.hex(), read.to.hex(), read.said), (case["id"], case["to"], said))
            signed = Statement.sign(key_of(case["seed"]), bytes.fromhex(case["to"]), said)
            self.assertEqual(signed.data.hex(), case["bytes"])
        self.refused(
            self.trust["refused_statements"], lambda case: Statement.from_bytes(bytes.fromhex(case["bytes"]))
        )

    def test_scopes_and_patterns(self) -> None:
        for case in self.trust["scopes"]:
            self.assertEqual(cbor.encode(case["scopes"]).hex(), case["bytes"])
            self.assertEqual(read_scopes(cbor.decode(bytes.fromhex(case["bytes"]))), case["scopes"])
        self.refused(
            self.trust["refused_scopes"], lambda case: read_scopes(cbor.decode(bytes.fromhex(case["bytes"])))
        )
        for pattern in self.trust["patterns"]:
            self.assertTrue(is_pattern(pattern), pattern)
        for case in self.trust["refused_patterns"]:
            self.assertFalse(is_pattern(case["text"]), case["why"])

    def test_what_is_told_and_how_it_is_answered(self) -> None:
        def answer(case: dict[str, Any]) -> int:
            return Fields(cbor.decode(framed(case["bytes"], CONTROL_FRAME))).number("answer", max(Answer))

        told = frame(bytes.fromhex(self.trust["statements"][0]["bytes"]), MAX_FRAME)
        self.assertEqual(told.hex(), self.trust["told"])
        for case in self.trust["answers"]:
            self.assertEqual(answer(case), case["answer"])
            self.assertEqual(frame(cbor.encode({"answer": case["answer"]}), CONTROL_FRAME).hex(), case["bytes"])
        self.refused(self.trust["refused_answers"], answer)

    def test_knocks(self) -> None:
        for case in self.trust["knocks"]:
            ticket = {"ticket": unhex(case["ticket"]), "proof": unhex(case["proof"])} if case["ticket"] else None
            statement = bytes.fromhex(case["statement"])
            self.assertEqual(frame(encode_knock(statement, ticket), MAX_FRAME).hex(), case["bytes"])
            self.assertEqual(decode_knock(framed(case["bytes"], MAX_FRAME)), (statement, ticket))
        self.refused(self.trust["refused_knocks"], lambda case: decode_knock(framed(case["bytes"], MAX_FRAME)))

    def test_tickets(self) -> None:
        for case in self.trust["tickets"]:
            ticket = Ticket.parse(case["text"])
            held = (str(ticket.card), ticket.id.hex(), ticket.secret.hex(), ticket.expires)
            self.assertEqual(held, (case["card"], case["id"], case["secret"], case["expires"]))
            self.assertEqual(str(ticket), case["text"])
            self.assertEqual(ticket.prove(bytes.fromhex(case["statement"]))["proof"].hex(), case["proof"])
        self.refused(self.trust["refused_tickets"], lambda case: Ticket.parse(case["text"]))


if __name__ == "__main__":
    unittest.main()
