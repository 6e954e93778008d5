"""An implementation of SPEC.md, from the document alone, on the golden vectors.

    python3 -B protocols/tests/reader

It reads and refuses; it has no keys and makes nothing. Of multiaddrs it knows those that a writer may use, and it has no
BLAKE3. Python 3.8 or newer, without any package.
"""

import json
import pathlib
import uuid

import events
import objects
import polo
import streams
import texts
import wire
from refused import Refused

VECTORS = pathlib.Path(__file__).parent.parent / "vectors"

# Claims at the end of those that are refused which are of the mesh; the others are of the backbone.
OF_THE_MESH = 7

counts = {"read": 0, "refused": 0}


def cases(file, of):
    return json.loads((VECTORS / f"{file}.json").read_text(encoding="utf-8"))[of]


def unhex(written):
    return bytes.fromhex(written)


def given(case, key):
    """What a case has under a key, as bytes unless it is a text."""
    value = case if isinstance(case, str) else case[key]
    return value if key == "text" else unhex(value)


def reads(read, file, of, key="bytes"):
    """Every case is read; yields each with what was read."""
    for case in cases(file, of):
        counts["read"] += 1
        yield case, read(given(case, key))


def accepts(read, file, of, key="bytes"):
    """Every case is read, and that is all."""
    for _ in reads(read, file, of, key):
        pass


def is_refused(read, case):
    """The case is not read."""
    counts["refused"] += 1
    try:
        read(case)
    except Refused:
        return
    raise AssertionError(f"read, and should not be: {case}")


def refuses(read, file, of, key="bytes"):
    """No case is read."""
    for case in cases(file, of):
        is_refused(lambda case: read(given(case, key)), case)


def same(one, other):
    assert one == other, f"{one!r} is not {other!r}"


def encoding():
    accepts(wire.message, "cbor", "positive")
    refuses(wire.message, "cbor", "negative")
    for case in cases("frame", "positive"):
        same(wire.frame(unhex(case["bytes"]), case["max"])[0], unhex(case["body"]))
    for case in cases("frame", "negative"):
        is_refused(lambda case: wire.frame(unhex(case["bytes"]), case["max"]), case)


def identity():
    for case in cases("address", "positive"):
        agent = texts.agent_id(unhex(case["public_key"]))
        same((agent.hex(), texts.base32(agent)), (case["agent_id"], case["agent_id_text"]))
        same(texts.base32(agent[:10]), case["fingerprint"])
        node, used = texts.derive(agent, case["nonce"])
        same((texts.write_address(case["network"], node), used), (case["address"], case["nonce_used"]))
    refuses(texts.address, "address", "negative", "text")
    for case, canonical in reads(texts.endpoint, "endpoint", "positive", "text"):
        same(canonical, case["canonical"])
    refuses(texts.endpoint, "endpoint", "negative", "text")
    refuses(texts.port, "port", "negative", "text")
    for case, card in reads(objects.card_text, "card", "positive", "text"):
        same((card.address, card.name), (case["address"], case["name"]))
    refuses(objects.card_text, "card", "negative", "text")


def words():
    for read, file, kept, refused in (
        (texts.name, "name", "positive", "negative"),
        (texts.tag, "claim", "tags", "refused_tags"),
        (texts.file_name, "files", "names", "refused_names"),
        (texts.pattern, "trust", "patterns", "refused_patterns"),
        (texts.topic, "events", "topics", "refused_topics"),
    ):
        accepts(read, file, kept, "text")
        refuses(read, file, refused, "text")


def trust():
    for case, said in reads(objects.statement, "trust", "statements"):
        same(objects.statement_id(unhex(case["bytes"])).hex(), case["id"])
        same((said.kind, said.text, said.to.hex()), (case["kind"], case["text"], case["to"]))
    refuses(objects.statement, "trust", "refused_statements")
    for case, granted in reads(objects.scopes_alone, "trust", "scopes"):
        same({key: value for key, value in granted.items() if value is not None}, case["scopes"])
    refuses(objects.scopes_alone, "trust", "refused_scopes")
    for case, ticket in reads(objects.ticket, "trust", "tickets", "text"):
        proof = objects.proof(ticket.secret, b"airway-ticket-v1", unhex(case["statement"]))
        same(proof.hex(), case["proof"])
    refuses(objects.ticket, "trust", "refused_tickets", "text")
    frames("trust", answers=streams.trust_answer, knocks=streams.knock)
    told = streams.told(unhex(cases("trust", "told")))
    same(objects.statement_id(told).hex(), cases("trust", "statements")[0]["id"])


def frames(file, **lists):
    """Lists of frames, each with those that are refused in its place."""
    for of, read in lists.items():
        accepts(read, file, of)
        refuses(read, file, f"refused_{of}")


def id_of(file, of):
    return uuid.UUID(cases(file, of)[0]["id"]).bytes


def services():
    for case, (header, payload) in reads(streams.message, "data", "messages"):
        same((header["id"], payload), (uuid.UUID(case["id"]).bytes, unhex(case["payload"])))
        streams.payload(header["kind"], payload)
    refuses(streams.message, "data", "refused_messages")
    for case in cases("data", "invalid_payloads"):
        is_refused(lambda case: streams.payload(case["kind"], unhex(case["payload"])), case)
    frames("data", answers=streams.answer_to(id_of("data", "answers")))
    accepts(streams.valid_offer, "files", "offers")
    frames(
        "files",
        offers=streams.offer,
        replies=streams.reply_to(id_of("files", "offers")),
        starts=streams.start_at(9),
    )
    accepts(streams.offer, "files", "invalid_offers")
    refuses(streams.valid_offer, "files", "invalid_offers")
    streams.end(unhex(cases("files", "end")))
    refuses(streams.end, "files", "refused_ends")
    for case, run in reads(streams.run, "perf", "runs", "request"):
        same(run, {"send": case["send"], "receive": case["receive"]})
        streams.received(case["send"])(unhex(case["answer"]))
    refuses(streams.run, "perf", "refused_requests")
    refuses(streams.received(4), "perf", "refused_answers")


def networks():
    for case, founded in reads(objects.genesis, "network", "geneses"):
        same(founded.id.hex(), case["id"])
    refuses(objects.genesis, "network", "refused_geneses")
    for case in cases("network", "realms"):
        tag = texts.sha256(b"airway-proto-v1\0", unhex(case["id"]))[:10]
        same(texts.base32(tag), case["tag"])
    frames(
        "join",
        requests=streams.join_request,
        replies=streams.join_reply,
        hellos=streams.hello,
        answers=streams.admit_answer,
    )
    refuses(streams.list_frame, "join", "refused_lists")


def members():
    mesh = the_mesh()

    def certificate(data):
        return objects.certificate(data, mesh)

    def revocations(data):
        return objects.revocations(data, mesh)

    for case, held in reads(certificate, "certificate", "positive"):
        same(texts.write_address(mesh.number, held.node), case["address"])
    refuses(certificate, "certificate", "negative")
    for case, expelled in reads(revocations, "revocations", "positive"):
        same(expelled.number, case["number"])
    refuses(revocations, "revocations", "negative")
    revocations(streams.list_frame(unhex(cases("join", "list")["bytes"])))
    for case, made in reads(objects.invite, "invite", "positive", "text"):
        proof = objects.proof(
            made.secret, b"airway-join-v1", made.realm.id, made.id, unhex(case["joiner"])
        )
        same(proof.hex(), case["proof"])
    refuses(objects.invite, "invite", "negative", "text")


def the_mesh():
    """The network whose authority has the seed 1."""
    (founded,) = (case for case in cases("network", "geneses") if case["seed"] == "01" * 32)
    return objects.genesis(unhex(founded["bytes"]))


def claims():
    mesh = the_mesh()
    for case in cases("claim", "claims"):
        realm = objects.BACKBONE if case["network"] == "backbone" else mesh
        said = objects.claim(unhex(case["bytes"]), realm)
        counts["read"] += 1
        same(set(objects.keys(said, realm)), {unhex(key["key"]) for key in case["keys"]})
    refused = cases("claim", "refused_claims")
    for at, case in enumerate(refused):
        realm = mesh if at >= len(refused) - OF_THE_MESH else objects.BACKBONE
        is_refused(lambda case: objects.claim(unhex(case["bytes"]), realm), case)
    accepts(objects.claim_set, "claim", "sets")
    refuses(objects.claim_set, "claim", "refused_sets")


def placed(position):
    return "{}.{}".format(*position)


def what_happens():
    for case, position in reads(texts.position, "events", "positions", "text"):
        same(position, (case["epoch"], case["seq"]))
    refuses(texts.position, "events", "refused_positions", "text")
    for case in cases("events", "matches"):
        for expected, topics in ((True, case["matched"]), (False, case["others"])):
            for topic in topics:
                same(any(texts.matches(pattern, topic) for pattern in case["patterns"]), expected)
    for case, (name, asked) in reads(events.valid_request, "events", "requests"):
        same((asked.get("patterns"), asked.get("since")), (case["patterns"], case["since"]))
        same(name == "publish", case["patterns"] is None)
    accepts(events.request, "events", "invalid_requests")
    refuses(events.valid_request, "events", "invalid_requests")
    refuses(events.request, "events", "refused_requests")
    for case, (name, said) in reads(events.told, "events", "told"):
        assert case[name] is not None, f"{name} in place of {case}"
        if name == "event":
            same((said["topic"], said["payload"].hex()), (case[name]["topic"], case[name]["payload"]))
            same((placed(said["position"]), said["at"]), (case[name]["position"], case[name]["at"]))
            same(said["publisher"].hex(), case[name]["publisher"])
        if name == "gap":
            same([placed(said[at]) for at in ("after", "next")], [case[name][at] for at in ("after", "next")])
    refuses(events.told, "events", "refused_told")
    for case, said in reads(events.publication, "events", "publications"):
        same((said["topic"], said["payload"].hex()), (case["topic"], case["payload"]))
    refuses(events.publication, "events", "refused_publications")
    frames("events", answers=events.answer)


def broadcasts():
    mesh = the_mesh()

    def broadcast(data):
        return events.broadcast(data, mesh)

    for case, said in reads(broadcast, "events", "broadcasts"):
        same((said.topic, placed(said.position)), (case["topic"], case["position"]))
        same((said.at, said.payload.hex()), (case["at"], case["payload"]))
        same(events.message_id(unhex(case["bytes"])).hex(), case["id"])
    refuses(broadcast, "events", "refused_broadcasts")
    for case in cases("events", "message_ids"):
        same(events.message_id(unhex(case["data"])).hex(), case["id"])
    for case in cases("events", "windows"):
        same(list(events.window(map(texts.position, case["positions"]))), case["taken"])
    for case in cases("network", "realms"):
        prefix = f"/airway/{case['tag']}/"
        is_mesh = case["network"] == "mesh"
        same(case["meshsub"], prefix + "meshsub/1.1.0" if is_mesh else None)
        same(case["events_topic"], prefix + "events" if is_mesh else None)


def receipts():
    for case in cases("polo", "rewards"):
        same(polo.reward(case["idle"], case["staged"], case["cpu"]), case["reward"])
    for case, said in reads(polo.claim, "polo", "claims"):
        same((said.requester.hex(), uuid.UUID(bytes=said.task)), (case["requester"], uuid.UUID(case["task"])))
        same(said.output.hex(), case["output"] or "00" * 32)
    refuses(polo.claim, "polo", "refused_claims")
    for case, said in reads(polo.receipt, "polo", "receipts"):
        same((said.hash.hex(), said.seq, said.reward), (case["hash"], case["seq"], case["reward"]))
    refuses(polo.receipt, "polo", "refused_receipts")
    for case, said in reads(polo.head, "polo", "heads"):
        ends = [(tip["requester"] + tip["worker"], tip["seq"]) for tip in case["tips"]]
        same([((one + other).hex(), seq) for (one, other), (seq, _) in said.pairs.items()], ends)
    refuses(polo.head, "polo", "refused_heads")
    for case in cases("polo", "exports"):
        counts["read"] += 1
        others = [polo.Export(other) for other in case["others"]]
        same(polo.verify(polo.Export(case["file"]), others), case["findings"])
    for case in cases("polo", "graphs"):
        carries = polo.capacities(case["receipts"], case["now"])
        for score in case["scores"]:
            personal = polo.personal(carries, case["viewer"], case["trusted"], score["target"])
            same((personal, polo.raw(case["receipts"], score["target"])), (score["milli"], score["raw"]))


PARTS = (
    encoding, identity, words, trust, services, networks, members, claims, what_happens, broadcasts, receipts,
)
for part in PARTS:
    part()
print(f"{counts['read']} read, {counts['refused']} refused, all as they should be")
