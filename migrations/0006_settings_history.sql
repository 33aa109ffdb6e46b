-- Who changed which settings of an organisation and of its users. Values of secrets are never in it.
CREATE TABLE archon_settings_history (
  org_id   uuid NOT NULL REFERENCES archon_orgs,
  id       uuid NOT NULL,
  at       timestamptz(3) NOT NULL,
  by_whom  text NOT NULL,
  -- '' for the settings of the organisation.
  user_id  text COLLATE "C" NOT NULL,
  -- [{"key", "before", "after"}]; null: it had no own value. Of secrets true and false.
  changes  jsonb NOT NULL,
  -- The change that this one took back.
  undoes   uuid,
  PRIMARY KEY (org_id, id)
);
CREATE INDEX archon_settings_history_newest ON archon_settings_history (org_id, at DESC, id DESC);
CREATE INDEX archon_settings_history_undone ON archon_settings_history (org_id, undoes) WHERE undoes IS NOT NULL;
ALTER TABLE archon_settings_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE archon_settings_history FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON archon_settings_history
  USING (org_id = nullif(current_setting('app.current_org_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON archon_settings_history TO archon_app;
