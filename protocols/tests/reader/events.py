"""Events: sections 11.6 and 12.10."""

from fields import choice, each, octets, read, uint
from objects import HASH, certificate, of_network, signed
from refused import refuse
from streams import one
from texts import pattern, sha256, topic

EVENT, REQUEST, PAYLOAD, PATTERNS = 65536, 8192, 60 * 1024, 32
WINDOW = 1024
BY_NUMBER = dict(epoch=uint(), seq=uint())


def position(value):
    known = read(value, **BY_NUMBER)
    return known["epoch"], known["seq"]


def since(value):
    name, known = choice(value, now={}, start={}, time=dict(at=uint()), after=BY_NUMBER)
    if name == "after":
        return f"after {known['epoch']}.{known['seq']}"
    return f"time {known['at']}" if name == "time" else name


def request(stream):
    return choice(one(stream, REQUEST), subscribe=dict(patterns=each(pattern), since=since), publish={})


def valid_request(stream):
    name, known = request(stream)
    if name == "subscribe" and not 1 <= len(known["patterns"]) <= PATTERNS:
        refuse("no pattern, or too many")
    return name, known


def told(stream):
    return choice(
        one(stream, EVENT), subscribed=BY_NUMBER, denied=dict(why=uint(3, 1)),
        gap=dict(after=position, next=position, reason=uint(2, 1)),
        event=dict(topic=topic, publisher=HASH, position=position, at=uint(), payload=octets(most=PAYLOAD)),
    )


def publication(stream):
    return read(one(stream, EVENT), topic=topic, payload=octets())


def answer(stream):
    return choice(one(stream), published=BY_NUMBER, denied=dict(why=uint(3, 1)))


def message_id(data):
    return sha256(b"airway-mid-v1\0", data)[:20]


def broadcast(data, realm):
    said = signed(
        data, "airway-event-v1", 64512, "by", network=HASH, topic=topic, position=position, at=uint(),
        payload=octets(most=PAYLOAD), certificate=octets(),
    )
    if certificate(of_network(said, realm).certificate, realm).member != said.by:
        refuse("the certificate of another")
    return said


def window(positions):
    """Which positions of one author are taken, in this order."""
    had, newest = set(), (0, 0)
    for epoch, seq in positions:
        is_old = epoch < newest[0] or epoch == newest[0] and newest[1] - seq >= WINDOW
        yield not is_old and (epoch, seq) not in had
        newest = max(newest, (epoch, seq))
        had.add((epoch, seq))
