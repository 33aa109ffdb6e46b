-- Writes that wait for their store (journal.db), and those that it refused. Times are milliseconds since the epoch.
CREATE TABLE writes (
  -- The order in which they were answered for.
  seq            INTEGER PRIMARY KEY,
  write_id       TEXT    NOT NULL UNIQUE,
  org_id         TEXT    NOT NULL,
  actor          TEXT    NOT NULL,
  store          TEXT    NOT NULL,
  operation      TEXT    NOT NULL,
  -- Whose memory it is, where the request says so.
  user_id        TEXT,
  -- The idempotency key, and what it belongs to.
  key            TEXT,
  request_sha256 TEXT    NOT NULL,
  -- JSON: ids of what is made, what has to keep its order, and the request.
  ids            TEXT    NOT NULL,
  topics         TEXT    NOT NULL,
  input          TEXT    NOT NULL,
  at_ms          INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  refused_at_ms  INTEGER,
  error_code     TEXT,
  error_message  TEXT
) STRICT;
CREATE INDEX writes_waiting ON writes (store, seq) WHERE refused_at_ms IS NULL;
CREATE INDEX writes_refused ON writes (org_id, seq) WHERE refused_at_ms IS NOT NULL;
-- How many there are is asked every few seconds: never by way of the requests.
CREATE INDEX writes_counted ON writes (org_id, store, refused_at_ms, at_ms);
-- A write repeated with its key while the first one waits is that one.
CREATE UNIQUE INDEX writes_by_key ON writes (org_id, key) WHERE key IS NOT NULL AND refused_at_ms IS NULL;
