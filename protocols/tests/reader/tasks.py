"""Tasks: section 11.7."""

import re

from fields import choice, each, octets, optional, read, text, uint
from objects import HASH
from refused import refuse
from streams import message_id, one
from texts import file_name, sha256
from wire import message

FRAME, BODY, DESCRIPTION, INLINE, TEXT, CLAIM, RECEIPTS = 131072, 98304, 16384, 65536, 1024, 512, 100
LIMIT = 1000, 2419200000
ENDS = {5, 6, 7, 8, 9}
SUBMITTED, COMPLETED, SUCCEEDED, EXPIRED = 0, 4, 5, 9
CANCELS = {4, 5}
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def task_id(written):
    """The text of an id: section 5.3."""
    if not ID.fullmatch(written):
        refuse("no id")
    return message_id(bytes.fromhex(written.replace("-", "")))


def content(value):
    """A content, valid or not."""
    return choice(
        value, inline=dict(data=octets()),
        file=dict(id=message_id, name=text(), size=uint(), digest=octets(32)),
    )


def valid_content(value):
    name, known = content(value)
    if name == "inline":
        octets(most=INLINE)(known["data"])
    else:
        file_name(known["name"])
        uint(2**63 - 1)(known["size"])
    return name, known


def digest(domain, data):
    return sha256(domain + b"\0", data)


def body(data):
    if len(data) > BODY:
        refuse("too large")
    known = read(
        message(data), description=text(DESCRIPTION), input=optional(valid_content), limit=uint(LIMIT[1], LIMIT[0]),
        execution=uint(1), max_reward=uint(), supersedes=optional(message_id), at=uint(),
    )
    return known if known["description"] else refuse("no description")


REPORT = dict(
    task=message_id, seq=uint(), state=uint(9), attempt=uint(2**32 - 1), reason=optional(uint(11, 1)),
    text=optional(text()), progress=optional(uint(2**16 - 1)), output=optional(content), claim=optional(octets()),
)


def valid_report(known):
    """What holds for a report, also where it is an answer."""
    uint(9, 1)(known["state"])
    optional(text(TEXT))(known["text"])
    optional(uint(1000))(known["progress"])
    optional(octets(most=CLAIM))(known["claim"])
    if known["output"] is not None:
        name, contents = known["output"]
        valid_content({name: contents})


def request(stream):
    return choice(
        one(stream, FRAME), submit=dict(task=message_id, body=octets()), report=REPORT,
        cancel=dict(task=message_id, reason=uint(11, 1), text=optional(text())), query=dict(task=message_id),
        receipts=dict(requester=HASH, worker=HASH, after=uint()),
    )


def valid_request(stream):
    name, known = request(stream)
    if name == "report":
        valid_report(known)
        has_to_have_a_claim = known["state"] in (COMPLETED, EXPIRED)
        if known["state"] == SUCCEEDED or has_to_have_a_claim and known["claim"] is None:
            refuse("no report of a worker")
    if name == "cancel":
        optional(text(TEXT))(known["text"])
        if known["reason"] not in CANCELS:
            refuse("no reason to cancel")
    return name, known


def answer(stream):
    return choice(
        one(stream, FRAME), status=REPORT, taken={}, receipt=dict(receipt=octets()),
        denied=dict(code=uint(11, 1), text=optional(text())),
        receipts=dict(receipts=each(octets(), RECEIPTS), last=uint()),
    )


def valid_answer(stream):
    name, known = answer(stream)
    if name == "status":
        valid_report(known)
    return name, known


def as_written(value):
    """What was read, as the vectors say it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        name, known = value
        return {name: as_written(known)}
    if isinstance(value, list):
        return [as_written(item) for item in value]
    if isinstance(value, dict):
        return {key: as_written(item) for key, item in value.items() if item is not None}
    return value
