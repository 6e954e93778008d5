"""Receipts: section 11.8."""

import base64
from collections import defaultdict

from fields import TIME, octets, optional, read, uint
from objects import HASH, signed
from refused import Refused, refuse
from texts import agent_id, sha256

ONE = 1 << 32
ZEROS = bytes(32)
SUCCESS = 1
WEEK = 7 * 24 * 60 * 60 * 1000
WEEKS, DECAY = 172, 4069550266
SIGNATURE, REWARD, CLAMP = "signature", "reward", "clamp"


class Wrong(Refused):
    """Refused, with a finding of its own."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def log2(above, below):
    whole = 0
    while above >= 2 * below:
        below, whole = 2 * below, whole + 1
    ratio, fraction = above * 2**62 // below, 0
    for _ in range(32):
        ratio = ratio * ratio >> 62
        fraction = fraction << 1 | (ratio >= 2**63)
        ratio >>= ratio >= 2**63
    return whole * ONE + fraction


def reward(idle, staged, cpu):
    lost = min(idle, 60000) * 3 * ONE // 600000 + min(staged, 600000) * 3 * ONE // 6000000
    paid = (ONE + log2(60000 + cpu, 60000)) * (ONE - lost) >> 32
    return max(1, paid + ONE // 2 >> 32)


def task_id(value):
    data = octets(16)(value)
    return data if data[6] >> 4 == 7 and data[8] >> 6 == 2 else refuse("no uuid of version 7")


def claim(data):
    said = signed(
        data, "airway-work-v1", 512, "worker", requester=HASH, task=task_id, request=HASH, output=HASH,
        outcome=uint(3, 1), idle=uint(TIME), staged=uint(TIME), cpu=uint(TIME), max_reward=uint(TIME),
        at=uint(TIME),
    )
    said.worker = agent_id(said.worker)
    return said if said.worker != said.requester else refuse("work for oneself")


def receipt(data):
    said = signed(
        data, "airway-receipt-v1", 1024, "requester", claim=octets(), idle=uint(TIME),
        staged=uint(TIME), cpu=uint(TIME), reward=uint(TIME), seq=uint(TIME, 1), prev=HASH, at=uint(TIME),
    )
    said.claim = claim(said.claim)
    if agent_id(said.requester) != said.claim.requester:
        raise Wrong(SIGNATURE)
    if (said.seq == 1) != (said.prev == ZEROS):
        refuse("no such place in a chain")
    its = said.claim
    if said.idle < its.idle or said.staged < its.staged or said.cpu > its.cpu:
        raise Wrong(CLAMP)
    due = min(reward(said.idle, said.staged, said.cpu), its.max_reward) if its.outcome == SUCCESS else 0
    if said.reward != due:
        raise Wrong(REWARD)
    said.pair, said.hash = (its.requester, its.worker), sha256(b"airway-receipt-id-v1\0", data)
    return said


def tip(value):
    return read(value, requester=HASH, worker=HASH, seq=uint(TIME, 1), hash=HASH)


def tips(value):
    if not isinstance(value, list) or len(value) > 4096:
        refuse("no list, or too long")
    ends = {}
    for known in map(tip, value):
        pair = known["requester"], known["worker"]
        if ends and pair <= max(ends):
            refuse("out of order")
        ends[pair] = known["seq"], known["hash"]
    return ends


def head(data):
    said = signed(
        data, "airway-polo-head-v1", 590336, "agent", pairs=tips, at=uint(TIME),
        **{"with": optional(HASH)},
    )
    said.agent = agent_id(said.agent)
    if not all(is_about(said, pair) for pair in said.pairs):
        refuse("a pair that it is not about")
    return said


def is_about(said, pair):
    other = {said.agent: None, pair[0]: pair[1], pair[1]: pair[0]} if said.agent in pair else {}
    other = other.get(said.agent)
    wanted = getattr(said, "with")
    return other not in (None, said.agent) and wanted in (None, other)


def has_signature(data):
    """Whether the last field of an envelope is one of 64 bytes."""
    return data[-66:-64] == b"\x2a\x40"


def code_of(read_it, data):
    """The finding of an object that is refused."""
    try:
        read_it(data)
    except Wrong as wrong:
        return wrong.code
    except Refused as refused:
        is_of_signature = "sign" in str(refused) or not has_signature(data)
        return SIGNATURE if is_of_signature else "malformed"
    return None


class Export:
    """A file of receipts, as far as it can be read."""

    def __init__(self, file):
        first, *lines = file.split("\n")
        if first != "airway-polo-v1":
            refuse("no export")
        self.head, self.receipts, self.findings = None, [], []
        for line in lines[:-1] if lines and not lines[-1] else lines:
            self.take(line)
        if self.head is None:
            self.findings.append("malformed")

    def take(self, line):
        word, _, written = line.partition(" ")
        try:
            data = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
            is_written = base64.urlsafe_b64encode(data).rstrip(b"=").decode() == written
        except ValueError:
            is_written = False
        if not is_written or word not in ("head", "receipt") or word == "head" and self.head:
            self.findings.append("malformed")
            return
        read_it = head if word == "head" else receipt
        code = code_of(read_it, data)
        if code:
            self.findings.append(code)
        elif word == "head":
            self.head = head(data)
        else:
            self.receipts.append(receipt(data))

    def places(self):
        """Every place in a chain that it speaks of."""
        for pair, (seq, known) in self.head.pairs.items():
            yield pair, seq, known
        for known in self.receipts:
            yield known.pair, known.seq, known.hash


def verify(export, others):
    """The codes of what is wrong."""
    tasks, chains = defaultdict(int), defaultdict(list)
    for known in export.receipts:
        tasks[known.pair[0], known.claim.task] += 1
        chains[known.pair].append(known)
    found = export.findings + ["duplicate" for count in tasks.values() if count > 1]
    for pair in sorted(chains):
        chains[pair].sort(key=lambda known: known.seq)
        found += chained(chains[pair])
    said = {}
    for teller in [export, *others]:
        if export.head and teller.head:
            said.update(compared(export.head, chains, teller))
    return found + [said[place] for place in sorted(said)]


def chained(chain):
    seq, last = 0, ZEROS
    for known in chain:
        if known.seq == seq:
            if known.hash != last:
                yield "fork"
            continue
        if known.seq > seq + 1:
            yield "gap"
        elif known.prev != last:
            yield "link"
        seq, last = known.seq, known.hash


def compared(its_head, chains, teller):
    for pair, seq, known in teller.places():
        if not is_about(its_head, pair):
            continue
        chain = chains.get(pair, [])
        here = [receipt.hash for receipt in chain if receipt.seq == seq]
        if seq > max((receipt.seq for receipt in chain), default=0):
            yield (pair, TIME + 1), "tail"
        elif here and known not in here:
            yield (pair, seq), "fork"


def weight(weeks):
    left = ONE
    for _ in range(weeks):
        left = left * DECAY >> 32
    return left if weeks < WEEKS else 0


def capacities(receipts, now):
    """What each edge carries, in thousandths."""
    weeks = defaultdict(lambda: [0, 0])
    for known in receipts:
        place = known["requester"], known["worker"], known["at"] // WEEK
        weeks[place][0] += known["reward"] if known["outcome"] == SUCCESS else 0
        weeks[place][1] += known["outcome"] == 3
    carries = defaultdict(int)
    for (requester, worker, week), (paid, expired) in weeks.items():
        if week > (now + WEEK // 7) // WEEK:
            continue
        worth = (min(paid, 10) - 2 * expired) * 1000
        ago = weight(max(0, now // WEEK - week))
        carries[requester, worker] += (worth * ago // ONE) if worth > 0 else -(-worth * ago // ONE)
    return {edge: min(max(0, milli), 100_000) for edge, milli in carries.items()}


def personal(carries, viewer, trusted, target):
    """The largest flow over at most three edges, by one path after another."""
    if viewer == target:
        return 0
    first = {to: milli for (who, to), milli in carries.items() if who == viewer}
    for who in trusted:
        first[who] = max(1000, first.get(who, 0))
    arcs = defaultdict(int)
    for (who, to), milli in carries.items():
        if viewer in (who, to) or who == target:
            continue
        if to == target:
            arcs[("second", who), "target"] = milli
        else:
            arcs[("first", who), ("second", to)] = milli
    for who, milli in first.items():
        if who == target:
            arcs["viewer", "target"] = milli
        elif who != viewer:
            arcs["viewer", ("first", who)] = milli
            arcs[("first", who), ("second", who)] = 10**9
    return flow(arcs)


def flow(arcs):
    leaving, total = defaultdict(set), 0
    for start, end in list(arcs):
        leaving[start].add(end)
        leaving[end].add(start)
    while True:
        before, queue = {"viewer": None}, ["viewer"]
        for node in queue:
            for end in leaving[node]:
                if end not in before and arcs[node, end] > 0:
                    before[end] = node
                    queue.append(end)
        if "target" not in before:
            return total
        path, node = [], "target"
        while before[node] is not None:
            path.append((before[node], node))
            node = before[node]
        least = min(arcs[arc] for arc in path)
        total += least
        for start, end in path:
            arcs[start, end] -= least
            arcs[end, start] += least


def raw(receipts, agent):
    did = [known for known in receipts if known["worker"] == agent]
    asked = [known for known in receipts if known["requester"] == agent]
    paid = sum(known["reward"] for known in did if known["outcome"] == SUCCESS)
    return paid - sum(known["outcome"] == 3 for known in did) - sum(k["outcome"] == SUCCESS for k in asked)
