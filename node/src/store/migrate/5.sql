-- Tasks: 0 what this agent asked of others, 1 what others asked of it. What the life of one has come to lies in machine, which
-- nothing here understands; what has to be looked for stands in columns. due is a steady time, those named _at are of the
-- wall clock. AUTOINCREMENT: a number is never used again, so that a page begins where the last one ended.
CREATE TABLE tasks (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    role       INTEGER NOT NULL CHECK (role BETWEEN 0 AND 1),
    agent      BLOB NOT NULL CHECK (length(agent) = 32),
    id         BLOB NOT NULL CHECK (length(id) = 16),
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    body       BLOB,
    machine    BLOB NOT NULL,
    state      INTEGER NOT NULL,
    open       INTEGER NOT NULL,
    queued     INTEGER NOT NULL,
    place      INTEGER,
    due        INTEGER,
    settled    INTEGER NOT NULL,
    submits    INTEGER NOT NULL,
    held       INTEGER NOT NULL,
    max_reward INTEGER NOT NULL,
    text       TEXT,
    words      TEXT,
    output     BLOB,
    claim      BLOB,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    cost       INTEGER NOT NULL,
    UNIQUE (role, agent, id)
) STRICT;
CREATE INDEX tasks_id ON tasks (id);
CREATE INDEX tasks_queue ON tasks (place) WHERE queued = 1;
CREATE INDEX tasks_place ON tasks (place) WHERE place IS NOT NULL;
CREATE INDEX tasks_due ON tasks (due) WHERE due IS NOT NULL;
CREATE INDEX tasks_unsettled ON tasks (agent, submits, seq) WHERE settled = 0;
CREATE INDEX tasks_held ON tasks (agent) WHERE held = 1;
CREATE INDEX tasks_open ON tasks (role, agent) WHERE open = 1;
CREATE INDEX tasks_tombs ON tasks (agent) WHERE body IS NULL;
CREATE INDEX tasks_state ON tasks (role, state, seq);
CREATE INDEX tasks_over ON tasks (changed_at) WHERE open = 0;

-- What all tasks cost against their quota, how many of each role there are and how many of them are open: kept by triggers, so
-- that no way to change them can forget it.
CREATE TABLE tasks_usage (
    role  INTEGER PRIMARY KEY CHECK (role BETWEEN 0 AND 1),
    bytes INTEGER NOT NULL,
    rows  INTEGER NOT NULL,
    open  INTEGER NOT NULL
) STRICT;
INSERT INTO tasks_usage VALUES (0, 0, 0, 0), (1, 0, 0, 0);
CREATE TRIGGER tasks_added AFTER INSERT ON tasks BEGIN
    UPDATE tasks_usage SET bytes = bytes + new.cost, rows = rows + 1, open = open + new.open WHERE role = new.role;
END;
CREATE TRIGGER tasks_changed AFTER UPDATE OF cost, open ON tasks BEGIN
    UPDATE tasks_usage SET bytes = bytes + new.cost - old.cost, open = open + new.open - old.open
        WHERE role = new.role;
END;
CREATE TRIGGER tasks_removed AFTER DELETE ON tasks BEGIN
    UPDATE tasks_usage SET bytes = bytes - old.cost, rows = rows - 1, open = open - old.open WHERE role = old.role;
END;

-- What happened to tasks, and what was refused, which has no state.
CREATE TABLE task_log (
    seq   INTEGER PRIMARY KEY AUTOINCREMENT,
    at    INTEGER NOT NULL,
    role  INTEGER NOT NULL CHECK (role BETWEEN 0 AND 1),
    agent BLOB NOT NULL CHECK (length(agent) = 32),
    task  BLOB NOT NULL CHECK (length(task) = 16),
    what  INTEGER NOT NULL,
    state INTEGER,
    text  TEXT
) STRICT;
CREATE INDEX task_log_task ON task_log (task, seq);
CREATE INDEX task_log_refused ON task_log (seq) WHERE state IS NULL;

-- Receipts: those that this agent is a party to, and those of others that it has heard of, which may contradict each other.
CREATE TABLE receipts (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    own       INTEGER NOT NULL,
    requester BLOB NOT NULL CHECK (length(requester) = 32),
    worker    BLOB NOT NULL CHECK (length(worker) = 32),
    number    INTEGER NOT NULL,
    task      BLOB NOT NULL CHECK (length(task) = 16),
    hash      BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    outcome   INTEGER NOT NULL,
    reward    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    receipt   BLOB NOT NULL
) STRICT;
CREATE INDEX receipts_pair ON receipts (requester, worker, number);
CREATE INDEX receipts_learnt ON receipts (seq) WHERE own = 0;
CREATE UNIQUE INDEX receipts_chain ON receipts (requester, worker, number) WHERE own = 1;
CREATE UNIQUE INDEX receipts_task ON receipts (requester, worker, task) WHERE own = 1;
