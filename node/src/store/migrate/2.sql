-- An answer is found by what it answers.
CREATE INDEX inbox_reply_to ON inbox (reply_to, seq) WHERE reply_to IS NOT NULL;

-- What is on its way to other agents, until they have it or it is taken back. What was given up stays, with the
-- reason, until somebody has looked at it. AUTOINCREMENT: a number is never used again.
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    agent      BLOB NOT NULL CHECK (length(agent) = 32),
    id         BLOB NOT NULL CHECK (length(id) = 16),
    lane       INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    reply_to   BLOB CHECK (length(reply_to) = 16),
    name       TEXT,
    size       INTEGER NOT NULL,
    queued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    failed     TEXT,
    cost       INTEGER NOT NULL,
    body       BLOB NOT NULL,
    UNIQUE (agent, id)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (agent, lane, seq) WHERE failed IS NULL;
-- Two, since both are asked every second: what has expired is not to be found behind all that was given up.
CREATE INDEX outbox_expiry ON outbox (expires_at) WHERE failed IS NULL;
CREATE INDEX outbox_failed ON outbox (expires_at) WHERE failed IS NOT NULL;
CREATE INDEX outbox_id ON outbox (id);

-- What the outbox costs against its quota: one row, kept by triggers.
CREATE TABLE outbox_usage (
    only  INTEGER PRIMARY KEY CHECK (only = 0),
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_usage VALUES (0, 0);
CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
    UPDATE outbox_usage SET bytes = bytes + new.cost;
END;
CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN
    UPDATE outbox_usage SET bytes = bytes - old.cost;
END;

-- The files among the messages, which lie beside the database: one row for each message of kind 3.
CREATE TABLE files (
    seq    INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    size   INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    cost   INTEGER NOT NULL
) STRICT;

-- What they cost against their quota: one row, kept by triggers as that of the inbox is.
CREATE TABLE files_usage (
    only  INTEGER PRIMARY KEY CHECK (only = 0),
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO files_usage VALUES (0, 0);
CREATE TRIGGER files_added AFTER INSERT ON files BEGIN
    UPDATE files_usage SET bytes = bytes + new.cost;
END;
CREATE TRIGGER files_removed AFTER DELETE ON files BEGIN
    UPDATE files_usage SET bytes = bytes - old.cost;
END;
CREATE TRIGGER inbox_file_removed AFTER DELETE ON inbox WHEN old.kind = 3 BEGIN
    DELETE FROM files WHERE seq = old.seq;
END;
