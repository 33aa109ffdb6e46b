-- Sessions on a computer without Redis (sessions.db). Times are milliseconds since the epoch.

CREATE TABLE sessions (
  org_id           TEXT    NOT NULL,
  session_id       TEXT    NOT NULL,
  user_id          TEXT    NOT NULL,
  title            TEXT,
  started_at       INTEGER NOT NULL,
  last_accessed_at INTEGER NOT NULL,
  expires_at       INTEGER NOT NULL,
  ttl_seconds      INTEGER NOT NULL,
  context          TEXT    NOT NULL,
  -- Kept with every append, so that no read has to go through the messages.
  message_count    INTEGER NOT NULL,
  token_count      INTEGER NOT NULL,
  PRIMARY KEY (org_id, session_id)
) STRICT;
CREATE INDEX sessions_by_access ON sessions (org_id, user_id, last_accessed_at DESC, session_id DESC);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- `message` is the whole entity as JSON.
CREATE TABLE messages (
  org_id     TEXT    NOT NULL,
  session_id TEXT    NOT NULL,
  seq        INTEGER NOT NULL,
  message_id TEXT    NOT NULL,
  message    TEXT    NOT NULL,
  PRIMARY KEY (org_id, session_id, seq),
  UNIQUE (org_id, session_id, message_id),
  FOREIGN KEY (org_id, session_id) REFERENCES sessions (org_id, session_id) ON DELETE CASCADE
) STRICT;

-- First answers to writes with an idempotency key. They outlive the session, so that a deletion that is repeated deletes
-- no later session of the same id: no foreign key. `answer` is JSON without the texts of messages.
CREATE TABLE answers (
  org_id         TEXT    NOT NULL,
  session_id     TEXT    NOT NULL,
  key            TEXT    NOT NULL,
  user_id        TEXT    NOT NULL,
  operation      TEXT    NOT NULL,
  request_sha256 TEXT    NOT NULL,
  answer         TEXT    NOT NULL,
  answered_at    INTEGER NOT NULL,
  PRIMARY KEY (org_id, session_id, key)
) STRICT;
CREATE INDEX answers_by_user ON answers (org_id, user_id);
CREATE INDEX answers_by_age ON answers (answered_at);

-- Contexts that answers show, each once however many show it: they can be large and rarely change.
CREATE TABLE answered_contexts (
  org_id      TEXT    NOT NULL,
  user_id     TEXT    NOT NULL,
  session_id  TEXT    NOT NULL,
  sha256      TEXT    NOT NULL,
  context     TEXT    NOT NULL,
  answered_at INTEGER NOT NULL,
  PRIMARY KEY (org_id, user_id, session_id, sha256)
) STRICT;
CREATE INDEX answered_contexts_by_age ON answered_contexts (answered_at);
