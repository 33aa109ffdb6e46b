-- Local history store (history.db): what belongs to this computer, not to the organisation's database.

CREATE TABLE settings (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

-- Only the SHA-256 of a token is kept: reading this file lets nobody in.
CREATE TABLE api_tokens (
  token_id     TEXT PRIMARY KEY,
  token_sha256 TEXT NOT NULL UNIQUE,
  org_id       TEXT NOT NULL,
  name         TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  revoked_at   TEXT
) STRICT;

-- Imports and exports: `job` is the whole entity as JSON, `checkpoint` what a resumed import needs.
CREATE TABLE transfer_jobs (
  job_id      TEXT PRIMARY KEY,
  org_id      TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('import', 'export')),
  state       TEXT NOT NULL,
  source_key  TEXT,
  started_at  TEXT NOT NULL,
  job         TEXT NOT NULL,
  checkpoint  TEXT
) STRICT;
CREATE INDEX transfer_jobs_by_start ON transfer_jobs (org_id, started_at DESC);
CREATE INDEX transfer_jobs_by_source ON transfer_jobs (org_id, source_key, started_at DESC);

CREATE TABLE uploads (
  upload_id  TEXT PRIMARY KEY,
  org_id     TEXT NOT NULL,
  name       TEXT NOT NULL,
  size       INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
