"""Cards, statements, tickets, and the objects of networks: sections 9, 10, 12 and 13."""

import hmac
from types import SimpleNamespace

from ed25519 import strong
from fields import TIME, each, flag, octets, optional, read, text, uint
from refused import refuse
from texts import (
    P2P, behind, checked, multiaddr, name, node_at, pattern, sha256, tag, write_address,
)
from wire import envelope, message, read_varint

ONE = uint(1, 1)
KEY, HASH, RANDOM = octets(32), octets(32), octets(16)
ROLES, INVITER = uint(3), 2
LONGEST_CLAIM = 48 * 60 * 60 * 1000
SKEW = 5 * 60 * 1000
REQUEST, ACCEPT, REJECT, REVOKE = range(4)


def signed(data, domain, cap, author, **checks):
    """The fields of a signed object, whose author is the key that signed."""
    key, contents = envelope(data, domain, cap)
    known = SimpleNamespace(**read(contents, version=ONE, **{author: KEY}, **checks))
    if getattr(known, author) != key:
        refuse("signed by another key than it names")
    return known


def is_present(value):
    return value is not None


def bare(data):
    if multiaddr(data) == P2P:
        refuse("a multiaddr that ends in /p2p")


def card(data):
    read_card = signed(
        data, "airway-card-v1", 2048, "key", network=uint(65535), nonce=uint(15),
        name=optional(name), addresses=each(octets(most=128), 8),
    )
    for address in read_card.addresses:
        bare(address)
    read_card.node = node_at(read_card.key, read_card.nonce)
    read_card.address = write_address(read_card.network, read_card.node)
    return read_card


def card_text(written):
    return card(behind("airway:", written))


def ports(value):
    if value == "all":
        return value
    listed = each(uint(65535, 1), 64)(value)
    return listed if len(set(listed)) == len(listed) else refuse("a port twice")


def scopes(value):
    patterns = each(pattern, 16)
    return read(
        value, ports=ports, publish=patterns, subscribe=patterns, submit=flag, until=optional(uint(TIME))
    )


def scopes_alone(data):
    return scopes(message(data))


def statement(data):
    said = signed(
        data, "airway-trust-v1", 7936, "from", kind=uint(3), to=HASH, generation=uint(2**53), at=uint(TIME),
        text=optional(text(1024)), answers=optional(HASH), scopes=optional(scopes), card=optional(octets()),
    )
    answers, granted, brings = map(is_present, (said.answers, said.scopes, said.card))
    if said.kind == REQUEST and (answers or not brings):
        refuse("a request answers nothing, and brings a card")
    if said.kind in (ACCEPT, REJECT) and not answers:
        refuse("it has to name a request")
    if said.kind in (REJECT, REVOKE) and (granted or brings):
        refuse("neither scopes nor a card belong to it")
    if brings and card(said.card).key != getattr(said, "from"):
        refuse("the card of another")
    return said


def statement_id(data):
    return sha256(b"airway-trust-id-v1\0", data)


def ticket(written):
    contents = checked(behind("airway-pair:", written), 2176)
    read_ticket = SimpleNamespace(
        **read(message(contents), card=octets(), id=octets(8), secret=RANDOM, expires=uint())
    )
    card(read_ticket.card)
    return read_ticket


def proof(secret, domain, *parts):
    return hmac.digest(secret, domain + b"\0" + b"".join(parts), "sha256")


def policy(value):
    return read(value, trust_members=flag)


def genesis(data):
    if len(data) > 512:
        refuse("over the cap")
    founded = SimpleNamespace(
        **read(
            message(data), version=ONE, name=name, authority=KEY, number=uint(65535, 1), policy=policy,
            created=uint(TIME), salt=RANDOM,
        )
    )
    strong(founded.authority)
    founded.id = sha256(b"airway-net-v1\0", data)
    return founded


BACKBONE = SimpleNamespace(id=sha256(b"airway-net-v1\0", b"backbone"), number=0, authority=None)


def of_network(known, realm):
    if known.network != realm.id:
        refuse("of another network")
    return known


def certificate(data, realm, may_be_issued=True):
    held = signed(
        data, "airway-member-v1", 1024, "by", network=HASH, member=KEY, nonce=uint(15), name=optional(name),
        roles=ROLES, not_before=uint(TIME), expires=uint(TIME), serial=RANDOM, issuer=optional(octets()),
    )
    of_network(held, realm)
    if held.not_before >= held.expires:
        refuse("it ends before it begins")
    if held.issuer is None:
        if held.by != realm.authority:
            refuse("not signed by the authority")
    else:
        issued(held, certificate(held.issuer, realm, False) if may_be_issued else refuse("a longer path"))
    held.node = node_at(strong(held.member), held.nonce)
    return held


def issued(held, issuer):
    if issuer.member != held.by or not issuer.roles & INVITER:
        refuse("its issuer is another, or no inviter")
    if held.roles & (INVITER | ~issuer.roles):
        refuse("more than the issuer has")
    if held.not_before < issuer.not_before or held.expires > issuer.expires:
        refuse("longer than the issuer's")


def revocations(data, realm):
    expelled = signed(
        data, "airway-revocations-v1", 40960, "authority", network=HASH, number=uint(2**53, 1),
        issued=uint(TIME), agents=each(HASH, 1000),
    )
    of_network(expelled, realm)
    if expelled.authority != realm.authority or expelled.agents != sorted(set(expelled.agents)):
        refuse("by another authority, or not in order")
    return expelled


def claim(data, realm):
    said = signed(
        data, "airway-claim-v1", 3070, "by", network=HASH, card=octets(), tags=each(tag, 3), issued=uint(),
        expires=uint(TIME), certificate=optional(octets()),
    )
    of_network(said, realm)
    if not said.issued < said.expires <= said.issued + LONGEST_CLAIM or len(set(said.tags)) != len(said.tags):
        refuse("it lasts too long, or has a tag twice")
    its = card(said.card)
    if its.key != said.by or not its.addresses and (its.name or said.tags):
        refuse("the card of another, or a withdrawal with a name or tags")
    if is_present(said.certificate) != is_present(realm.authority):
        refuse("a certificate too many, or too few")
    if realm.authority is None:
        if its.network != realm.number:
            refuse("an address of another network")
        return said
    held = certificate(said.certificate, realm)
    if held.member != said.by or (its.network, its.node) != (realm.number, held.node):
        refuse("another address than the certified one")
    if its.name not in (None, held.name):
        refuse("another name than the certified one")
    return said


def keys(said, realm):
    """Where a claim belongs in the directory."""
    its = card(said.card)
    yield directory_key("addr", realm, its.node.to_bytes(4, "big"))
    if its.name:
        yield directory_key("name", realm, its.name.encode())
    for word in said.tags:
        yield directory_key("tag", realm, word.encode())


def directory_key(kind, realm, of):
    return f"/airway-{kind}/".encode() + sha256(f"airway-{kind}-key-v1\0".encode(), realm.id, of)


def claim_set(value):
    """The envelopes in the value at a key."""
    claims, at = [], 0
    while at < len(value):
        length, at = read_varint(value, at)
        if len(claims) == 16 or length > 3070 or length > len(value) - at or len(value) > 12288:
            refuse("no set of claims")
        claims.append(value[at : at + length])
        at += length
    return claims


def bootstrap(data):
    if multiaddr(octets(most=169)(data)) != P2P:
        refuse("a bootstrap that does not end in /p2p")


def invite(written):
    contents = checked(behind("airway-net:", written), 4800)
    made = signed(
        contents[:-16], "airway-invite-v1", 4780, "by", genesis=octets(), card=octets(), certificate=octets(),
        id=RANDOM, expires=uint(TIME), roles=ROLES, reusable=flag, ephemeral=flag,
        bootstraps=each(bootstrap, 4),
    )
    made.secret, made.realm = contents[-16:], genesis(made.genesis)
    its, held = card(made.card), certificate(made.certificate, made.realm)
    if {its.key, held.member} != {made.by} or not held.roles & INVITER:
        refuse("of another, or of no inviter")
    if (its.network, its.node) != (made.realm.number, held.node):
        refuse("two addresses")
    return made
