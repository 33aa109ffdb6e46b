-- Notes of the ops agent that nodes share: the newest version of each, as its writer made it (see `history.db`).
CREATE SEQUENCE archon_ops_records_seq AS bigint;
CREATE TABLE archon_ops_records (
  org_id     uuid NOT NULL REFERENCES archon_orgs,
  kind       text COLLATE "C" NOT NULL,
  id         text COLLATE "C" NOT NULL,
  -- Milliseconds since the epoch: what lists go by.
  at_ms      bigint NOT NULL,
  open       boolean NOT NULL,
  removed    boolean NOT NULL,
  -- Kept as it was written: jsonb refuses some of what JSON may hold.
  document   json NOT NULL,
  -- Of two versions the later holds, then the larger name of the writer.
  changed_ms bigint NOT NULL,
  writer     text COLLATE "C" NOT NULL,
  -- Taken under a lock that lasts until the commit, so what shows later has a larger one.
  seq        bigint NOT NULL,
  PRIMARY KEY (org_id, kind, id)
);
CREATE UNIQUE INDEX archon_ops_records_changes ON archon_ops_records (org_id, seq);
CREATE INDEX archon_ops_records_newest ON archon_ops_records (org_id, kind, at_ms DESC, id DESC);
ALTER TABLE archon_ops_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE archon_ops_records FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON archon_ops_records
  USING (org_id = nullif(current_setting('app.current_org_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON archon_ops_records TO archon_app;
GRANT USAGE ON SEQUENCE archon_ops_records_seq TO archon_app;

-- Which node's agent acts for an organisation, by the clock of the database.
CREATE TABLE archon_ops_leases (
  org_id      uuid NOT NULL REFERENCES archon_orgs,
  -- Of one run of a process.
  holder      text COLLATE "C" NOT NULL,
  -- As people know it.
  node        text NOT NULL,
  taken_at    timestamptz(3) NOT NULL,
  lease_until timestamptz(3) NOT NULL,
  PRIMARY KEY (org_id)
);
ALTER TABLE archon_ops_leases ENABLE ROW LEVEL SECURITY;
ALTER TABLE archon_ops_leases FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON archon_ops_leases
  USING (org_id = nullif(current_setting('app.current_org_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON archon_ops_leases TO archon_app;
