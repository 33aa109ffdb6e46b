-- Workers: when each runs, what it runs, and on which nodes.

CREATE TABLE archon_workers (
  org_id         uuid NOT NULL REFERENCES archon_orgs,
  name           text COLLATE "C" NOT NULL,
  -- What an operator set; NULL for the schedule of the configuration.
  schedule       jsonb,
  -- The schedule that next_run_at was made from: a configuration that says another one is noticed at the start.
  planned_by     jsonb NOT NULL,
  next_run_at    timestamptz(3),
  -- {"kind": "in_service"} | {"kind": "paused", since, by} | {"kind": "crashed", since, failures, error}
  condition      jsonb NOT NULL DEFAULT '{"kind": "in_service"}',
  failures       integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  error          text,
  runs_total     bigint NOT NULL DEFAULT 0,
  failures_total bigint NOT NULL DEFAULT 0,
  crashes_total  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, name)
);

-- Each row is made, and run by one node, once: its id is the fencing token. What goes on after it is another row.
CREATE TABLE archon_worker_runs (
  org_id         uuid NOT NULL REFERENCES archon_orgs,
  run_id         uuid NOT NULL,
  worker         text COLLATE "C" NOT NULL,
  trigger        text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'retry')),
  requested_by   text,
  status         text NOT NULL
    CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'interrupted')),
  -- Parts of the users: their slots (archon_user_slot), NULL for all; the label is for people.
  shard          text,
  slots          smallint[],
  attempt        integer NOT NULL CHECK (attempt > 0),
  resumes        uuid,
  not_before     timestamptz(3) NOT NULL,
  -- The node it is meant for; a pinned one is for no other.
  preferred_node text,
  pinned         boolean NOT NULL,
  node_id        text,
  node_name      text,
  -- By the clock of the database, which all nodes share.
  lease_until    timestamptz,
  checkpoint     jsonb,
  items          bigint NOT NULL DEFAULT 0 CHECK (items >= 0),
  changed        bigint NOT NULL DEFAULT 0 CHECK (changed >= 0),
  queued_at      timestamptz(3) NOT NULL,
  started_at     timestamptz(3),
  ended_at       timestamptz(3),
  error          text,
  PRIMARY KEY (org_id, run_id),
  CHECK ((status IN ('queued', 'running')) = (ended_at IS NULL)),
  CHECK (status <> 'running' OR (node_id IS NOT NULL AND lease_until IS NOT NULL AND started_at IS NOT NULL))
);
CREATE INDEX archon_worker_runs_active ON archon_worker_runs (org_id, worker) WHERE ended_at IS NULL;
CREATE INDEX archon_worker_runs_ended ON archon_worker_runs (org_id, worker, ended_at DESC, run_id DESC)
  WHERE ended_at IS NOT NULL;
CREATE INDEX archon_worker_runs_log ON archon_worker_runs (org_id, worker, queued_at DESC, run_id DESC);

CREATE TABLE archon_worker_nodes (
  org_id       uuid NOT NULL REFERENCES archon_orgs,
  node_id      text NOT NULL,
  name         text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('server', 'desktop', 'worker')),
  shard        text,
  workers      text[] NOT NULL,
  started_at   timestamptz(3) NOT NULL,
  heartbeat_at timestamptz(3) NOT NULL,
  lease_until  timestamptz NOT NULL,
  PRIMARY KEY (org_id, node_id)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['archon_workers', 'archon_worker_runs', 'archon_worker_nodes'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY org_isolation ON %I USING (org_id = nullif(current_setting(''app.current_org_id'', true), '''')::uuid)',
      name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO archon_app', name);
  END LOOP;
END $$;

-- Which of 256 parts of the users a user belongs to, the same on every server and in shards.ts.
CREATE FUNCTION archon_user_slot(user_id text) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT get_byte(sha256(convert_to(user_id, 'UTF8')), 0) $$;

-- When a working memory became part of the long-term ones. One that is changed later is looked at again.
ALTER TABLE archon_working_memory ADD COLUMN consolidated_at timestamptz(3);
-- How often it was given in a context.
ALTER TABLE archon_working_memory ADD COLUMN access_count bigint NOT NULL DEFAULT 0 CHECK (access_count >= 0);

-- Tombstones, so that finding those past their time does not read everything.
CREATE INDEX archon_working_tombstones ON archon_working_memory (org_id, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX archon_longterm_tombstones ON archon_longterm_memory (org_id, deleted_at) WHERE deleted_at IS NOT NULL;

-- The event log is append-only for the application. Its oldest events, of the current organisation alone, go by way of
-- this function: from the beginning up to the first that is young enough or that somebody still needs.
CREATE FUNCTION archon_forget_events(before timestamptz, needed_from bigint, most integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER
  AS $$
  DECLARE
    kept_from bigint;
    forgotten integer;
  BEGIN
    WITH oldest AS (
      SELECT id, created_at FROM archon_events WHERE org_id = archon_current_org() ORDER BY id LIMIT most
    )
    SELECT coalesce(min(id) FILTER (WHERE created_at >= before), max(id) + 1) INTO kept_from FROM oldest;
    DELETE FROM archon_events
      WHERE org_id = archon_current_org() AND id < least(kept_from, needed_from);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
  END $$;
DO $$
BEGIN
  EXECUTE format(
    'ALTER FUNCTION archon_forget_events SET search_path = %I, pg_catalog, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION archon_forget_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION archon_forget_events TO archon_app;
