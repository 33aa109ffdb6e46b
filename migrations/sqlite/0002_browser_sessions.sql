-- People who log in with a browser. Only the SHA-256 of a cookie or of a login code is kept: reading this file lets
-- nobody in.

-- Who logs in at this computer with a code has no token of their own: one of the kind `browser`, whose secret nobody
-- knows, stands for them in lists and can be revoked like any other.
ALTER TABLE api_tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'agent' CHECK (kind IN ('agent', 'browser'));

CREATE TABLE browser_sessions (
  session_sha256 TEXT PRIMARY KEY,
  token_id       TEXT NOT NULL REFERENCES api_tokens (token_id),
  created_at     TEXT NOT NULL,
  last_used_at   TEXT NOT NULL,
  expires_at     TEXT NOT NULL
) STRICT;

CREATE TABLE login_codes (
  code_sha256 TEXT PRIMARY KEY,
  token_id    TEXT NOT NULL REFERENCES api_tokens (token_id),
  expires_at  TEXT NOT NULL
) STRICT;
