-- Settings of an organisation and of its users: what was set, one row per setting; one that was never set has none.
-- user_id '' is the default of all users.
CREATE TABLE archon_settings (
  org_id     uuid NOT NULL REFERENCES archon_orgs,
  user_id    text COLLATE "C" NOT NULL DEFAULT '',
  key        text NOT NULL,
  value      jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (org_id, user_id, key)
);
ALTER TABLE archon_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE archon_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON archon_settings
  USING (org_id = nullif(current_setting('app.current_org_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON archon_settings TO archon_app;
