"""Frames of the protocols: sections 10, 11 and 12."""

import json
import uuid

import wire
from fields import choice, each, flag, octets, optional, read, text, uint
from refused import refuse
from texts import file_name, name
from wire import frame

CONTROL, STATEMENT, GRANTED, LIST = 4096, 8192, 58880, 40960
MIB = 2**20


def message_id(value):
    read_id = uuid.UUID(bytes=octets(16)(value))
    if read_id.version != 7 or read_id.variant != uuid.RFC_4122:
        refuse("no message id")
    return value


def one(stream, cap=CONTROL):
    """The message in the first frame."""
    return wire.message(frame(stream, cap)[0])


def message(stream):
    """The header of a message, and its payload."""
    body, rest = frame(stream, CONTROL)
    known = read(
        wire.message(body), id=message_id, kind=uint(2), reply_to=optional(message_id), sent_at=uint(),
        size=uint(MIB),
    )
    if len(rest) < known["size"]:
        refuse("cut short")
    return known, rest[: known["size"]]


def payload(kind, data):
    """What `kind` says of it; JSON of Python takes a little more than JSON."""
    if kind == 2:
        return
    try:
        written = data.decode()
        if kind == 1:
            json.loads(written, parse_constant=lambda _: refuse("no JSON"))
    except ValueError:
        refuse("no text, or no JSON")


def answer_to(sent):
    def check(stream):
        known = read(one(stream), id=message_id, answer=uint(5))
        if known["id"] != sent:
            refuse("an answer to another")
        return known

    return check


def offer(stream):
    return read(
        one(stream), id=message_id, name=text(), size=uint(), reply_to=optional(message_id), sent_at=uint()
    )


def valid_offer(stream):
    known = offer(stream)
    file_name(known["name"])
    uint(2**63 - 1)(known["size"])
    return known


def reply_to(sent):
    def check(stream):
        known = read(
            one(stream), id=message_id, answer=optional(uint(5)), offset=optional(uint()),
            digest=optional(octets(32)),
        )
        there = tuple(known[field] is not None for field in ("answer", "offset", "digest"))
        if there not in ((True, False, False), (False, True, True)) or known["id"] != sent:
            refuse("no reply to this offer")
        return known

    return check


def start_at(offset):
    def check(stream):
        known = read(one(stream), offset=uint())
        return known if known["offset"] in (0, offset) else refuse("another offset")

    return check


def end(stream):
    return read(one(stream), digest=octets(32))


def run(stream):
    return read(one(stream), send=uint(2**30), receive=uint(2**30))


def received(most):
    return lambda stream: read(one(stream), received=uint(most))


def told(stream):
    return frame(stream, STATEMENT)[0]


def trust_answer(stream):
    return read(one(stream), answer=uint(2))


def ticket(value):
    return read(value, ticket=octets(8), proof=octets(32))


def knock(stream):
    return read(one(stream, STATEMENT), statement=octets(), ticket=optional(ticket))


HELLO = dict(certificate=octets(), card=octets(), serves=flag, relay=flag, version=uint())


def join_request(stream):
    return choice(
        one(stream), join=dict(invite=octets(16), proof=octets(32), name=optional(name)),
        renew=dict(certificate=octets(), name=optional(name)), leave=dict(certificate=octets()),
    )


def join_reply(stream):
    granted = dict(certificate=octets(), revocations=optional(octets()), cards=each(octets(), 8))
    return choice(one(stream, GRANTED), granted=granted, done={}, refused=dict(why=uint(8, 1)))


def hello(stream):
    return read(one(stream), **HELLO)


def admit_answer(stream):
    return choice(one(stream), hello=HELLO, refused=dict(why=uint(3, 1)))


def list_frame(stream):
    return frame(stream, LIST)[0]
