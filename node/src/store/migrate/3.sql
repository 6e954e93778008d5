-- Every agent that we have or had dealings with, and how we stand to it: 0 stranger, 1 requested, 2 pending, 3 trusted,
-- 4 blocked. Those trusted have a row in contacts as well, written in the same transaction. generation and heard are
-- the 64 bits of an unsigned number, since another agent chooses them.
CREATE TABLE relations (
    agent         BLOB PRIMARY KEY CHECK (length(agent) = 32),
    public_key    BLOB NOT NULL CHECK (length(public_key) = 32),
    state         INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
    generation    INTEGER NOT NULL,
    heard         INTEGER NOT NULL,
    spoke         INTEGER NOT NULL,
    request       BLOB CHECK (length(request) = 32),
    address       BLOB NOT NULL CHECK (length(address) = 6),
    name          TEXT,
    alias         TEXT,
    multiaddrs    TEXT NOT NULL,
    justification TEXT,
    source        TEXT,
    invited       INTEGER NOT NULL,
    scopes        BLOB,
    granted       BLOB,
    since         INTEGER NOT NULL,
    expires_at    INTEGER,
    said          BLOB,
    said_ticket   BLOB,
    said_proof    BLOB,
    said_until    INTEGER,
    known         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX relations_state ON relations (state, known, since);
CREATE INDEX relations_expiry ON relations (expires_at) WHERE expires_at IS NOT NULL AND state IN (1, 2, 3);
CREATE INDEX relations_said ON relations (said_until) WHERE said IS NOT NULL;

INSERT INTO relations
    (agent, public_key, state, generation, heard, spoke, address, name, multiaddrs, invited, since, known)
    SELECT agent, public_key, 3, 0, 0, 0, address, name, multiaddrs, 0, trusted_at, 1 FROM contacts;

-- What happened between us and others; known tells those that we ever asked or trusted from strangers, who do not drive
-- them out of the log. AUTOINCREMENT: a number is never used again, so that a follower misses nothing.
CREATE TABLE trust_log (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    agent      BLOB NOT NULL CHECK (length(agent) = 32),
    known      INTEGER NOT NULL,
    event      INTEGER NOT NULL,
    by_us      INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    text       TEXT,
    statement  BLOB,
    name       TEXT,
    address    BLOB NOT NULL CHECK (length(address) = 6)
) STRICT;
CREATE INDEX trust_log_agent ON trust_log (agent, seq);
CREATE INDEX trust_log_strangers ON trust_log (seq) WHERE known = 0;

-- Whose an address is: the agent's that was the first contact to have it, also after the end of the trust.
CREATE TABLE pins (
    address BLOB PRIMARY KEY CHECK (length(address) = 6),
    agent   BLOB NOT NULL CHECK (length(agent) = 32),
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pins_agent ON pins (agent, since);
INSERT INTO pins SELECT address, agent, trusted_at FROM contacts;

-- Agents that presented an address which is pinned to another.
CREATE TABLE pin_conflicts (
    address BLOB NOT NULL CHECK (length(address) = 6),
    agent   BLOB NOT NULL CHECK (length(agent) = 32),
    seen_at INTEGER NOT NULL,
    name    TEXT,
    PRIMARY KEY (address, agent)
) STRICT, WITHOUT ROWID;

-- Secrets handed out, each of which speaks for one request.
CREATE TABLE tickets (
    id         BLOB PRIMARY KEY CHECK (length(id) = 8),
    secret     BLOB NOT NULL CHECK (length(secret) = 16),
    created    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    confirms   INTEGER NOT NULL,
    alias      TEXT,
    scopes     BLOB,
    used_by    BLOB CHECK (length(used_by) = 32),
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
