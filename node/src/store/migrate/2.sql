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
