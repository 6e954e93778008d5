-- Messages not yet cleared. AUTOINCREMENT: a number is never used again, so that a follower misses nothing.
CREATE TABLE inbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    agent       BLOB NOT NULL CHECK (length(agent) = 32),
    id          BLOB NOT NULL CHECK (length(id) = 16),
    kind        INTEGER NOT NULL,
    reply_to    BLOB CHECK (length(reply_to) = 16),
    sent_at     INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    read        INTEGER NOT NULL DEFAULT 0,
    cost        INTEGER NOT NULL,
    body        BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbox_id ON inbox (id, agent);
CREATE INDEX inbox_agent ON inbox (agent, seq);
CREATE INDEX inbox_reply_to ON inbox (reply_to, seq) WHERE reply_to IS NOT NULL;
CREATE INDEX inbox_unread ON inbox (seq) WHERE read = 0;

-- What the inbox costs against its quota: one row, kept by triggers so that no way to delete can forget it.
CREATE TABLE inbox_usage (
    only  INTEGER PRIMARY KEY CHECK (only = 0),
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO inbox_usage VALUES (0, 0);
CREATE TRIGGER inbox_added AFTER INSERT ON inbox BEGIN
    UPDATE inbox_usage SET bytes = bytes + new.cost;
END;
CREATE TRIGGER inbox_removed AFTER DELETE ON inbox BEGIN
    UPDATE inbox_usage SET bytes = bytes - old.cost;
END;

-- Every message accepted, cleared or not, in the order of arrival: what makes a repeat a duplicate.
CREATE TABLE received (
    position    INTEGER PRIMARY KEY,
    agent       BLOB NOT NULL,
    id          BLOB NOT NULL,
    digest      BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (agent, id)
) STRICT;

-- The agents trusted here. An address leads to one agent for as long as that agent is trusted.
CREATE TABLE contacts (
    agent      BLOB PRIMARY KEY CHECK (length(agent) = 32),
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    address    BLOB NOT NULL UNIQUE CHECK (length(address) = 6),
    name       TEXT,
    alias      TEXT UNIQUE COLLATE NOCASE,
    multiaddrs TEXT NOT NULL,
    trusted_at INTEGER NOT NULL,
    last_used  INTEGER
) STRICT, WITHOUT ROWID;

-- Small facts that the node remembers about itself.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
