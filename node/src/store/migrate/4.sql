-- The network that this home belongs to, in place of the open backbone: one row, or none.
CREATE TABLE membership (
    only                INTEGER PRIMARY KEY CHECK (only = 0),
    genesis             BLOB NOT NULL,
    certificate         BLOB NOT NULL,
    revocations         BLOB,
    revocations_version INTEGER NOT NULL,
    inviter             BLOB,
    multiaddrs          TEXT NOT NULL,
    ephemeral           INTEGER NOT NULL,
    joined_at           INTEGER NOT NULL
) STRICT;

-- Secrets handed out, with which others join that network. uses_left is NULL where there is no end of them; ended_at is
-- when it was withdrawn or used up.
CREATE TABLE invites (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    secret     BLOB NOT NULL CHECK (length(secret) = 16),
    roles      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses_left  INTEGER CHECK (uses_left >= 0),
    life       INTEGER NOT NULL,
    ephemeral  INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    withdrawn  INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT, WITHOUT ROWID;

-- The certificates given out here, the last one of each agent: 0 a member, 1 has left, 2 was expelled.
CREATE TABLE issued (
    agent       BLOB PRIMARY KEY CHECK (length(agent) = 32),
    name        TEXT,
    node        INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    expires_at  INTEGER NOT NULL,
    issued_at   INTEGER NOT NULL,
    invite      BLOB CHECK (length(invite) = 16),
    state       INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2)
) STRICT;
CREATE INDEX issued_name ON issued (name, expires_at) WHERE name IS NOT NULL AND state = 0;
CREATE INDEX issued_node ON issued (node, expires_at) WHERE state = 0;
CREATE INDEX issued_expiry ON issued (state, expires_at);

-- Members of that network that were met, to find the others through after a restart.
CREATE TABLE mesh_peers (
    agent       BLOB PRIMARY KEY CHECK (length(agent) = 32),
    card        BLOB NOT NULL,
    certificate BLOB NOT NULL,
    serves      INTEGER NOT NULL,
    relay       INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL
) STRICT;

-- What the agent lets others find it by: one row, or none. tags is a JSON array of texts.
CREATE TABLE profile (
    only INTEGER PRIMARY KEY CHECK (only = 0),
    name TEXT,
    tags TEXT NOT NULL
) STRICT;
