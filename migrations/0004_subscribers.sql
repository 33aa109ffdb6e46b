-- Events for those who must get every one: how far each subscriber is, what it has done, and what it could not take.

-- pg-boss keeps its queues here; it makes its tables itself, once somebody subscribes. Not "pgboss", which another
-- application on the same database may have.
DO $$
BEGIN
  IF to_regnamespace('archon_pgboss') IS NULL THEN
    CREATE SCHEMA archon_pgboss;
  END IF;
END $$;

-- Events up to the cursor have been put into the queue of the subscriber, in the transaction that moved the cursor.
CREATE TABLE archon_event_subscribers (
  org_id     uuid NOT NULL,
  name       text COLLATE "C" NOT NULL,
  -- NULL: all types, every user.
  types      text[],
  user_id    text,
  enabled    boolean NOT NULL DEFAULT true,
  cursor     bigint NOT NULL CHECK (cursor >= 0),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, name)
);

-- What a subscriber has done for an event, written in the transaction that did it: so it is done once.
CREATE TABLE archon_event_effects (
  org_id     uuid NOT NULL,
  subscriber text COLLATE "C" NOT NULL,
  event_id   bigint NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, subscriber, event_id)
);
CREATE INDEX archon_effects_by_age ON archon_event_effects (org_id, subscriber, created_at);

-- The dead letters.
CREATE TABLE archon_event_failures (
  org_id           uuid NOT NULL,
  id               uuid NOT NULL,
  subscriber       text COLLATE "C" NOT NULL,
  event_id         bigint NOT NULL,
  event_type       text NOT NULL,
  user_id          text,
  event_actor      text NOT NULL,
  event_created_at timestamptz(3) NOT NULL,
  payload          jsonb NOT NULL,
  edited_payload   jsonb,
  error_name       text NOT NULL,
  error_message    text NOT NULL,
  error_stack      text,
  attempts         jsonb NOT NULL,
  attempt_count    integer NOT NULL CHECK (attempt_count >= 0),
  first_failed_at  timestamptz(3) NOT NULL,
  failed_at        timestamptz(3) NOT NULL,
  state            text NOT NULL CHECK (state IN ('dead', 'replaying', 'resolved', 'discarded')),
  state_at         timestamptz(3) NOT NULL,
  state_by         text NOT NULL,
  replay_id        uuid,
  reason           text,
  retry_at         timestamptz(3),
  retries          integer NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, subscriber, event_id),
  CHECK ((state = 'replaying') = (replay_id IS NOT NULL)),
  CHECK ((state = 'discarded') = (reason IS NOT NULL)),
  CHECK (retry_at IS NULL OR state = 'dead')
);
CREATE INDEX archon_failures_by_time ON archon_event_failures (org_id, failed_at DESC, id DESC);
CREATE INDEX archon_failures_by_state ON archon_event_failures (org_id, state, subscriber, failed_at);
CREATE INDEX archon_failures_due ON archon_event_failures (org_id, retry_at) WHERE retry_at IS NOT NULL;

-- Every replay of a dead letter, with what came of it.
CREATE TABLE archon_event_replays (
  org_id         uuid NOT NULL,
  id             uuid NOT NULL,
  dead_letter_id uuid NOT NULL,
  run_id         uuid,
  actor          text NOT NULL,
  requested_at   timestamptz(3) NOT NULL,
  due_at         timestamptz(3) NOT NULL,
  edited         boolean NOT NULL,
  outcome        text NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'resolved', 'failed', 'cancelled')),
  ended_at       timestamptz(3),
  error_name     text,
  error_message  text,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, dead_letter_id) REFERENCES archon_event_failures ON DELETE CASCADE,
  CHECK ((outcome = 'waiting') = (ended_at IS NULL)),
  CHECK ((outcome = 'failed') = (error_name IS NOT NULL))
);
CREATE INDEX archon_replays_by_letter ON archon_event_replays (org_id, dead_letter_id, id DESC);
CREATE INDEX archon_replays_by_run ON archon_event_replays (org_id, run_id, outcome) WHERE run_id IS NOT NULL;

CREATE TABLE archon_event_replay_runs (
  org_id       uuid NOT NULL,
  id           uuid NOT NULL,
  actor        text NOT NULL,
  requested_at timestamptz(3) NOT NULL,
  per_second   double precision NOT NULL CHECK (per_second > 0),
  not_taken    integer NOT NULL,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE archon_webhooks (
  org_id      uuid NOT NULL REFERENCES archon_orgs,
  id          uuid NOT NULL,
  name        text NOT NULL,
  url         text NOT NULL,
  types       text[],
  user_id     text,
  enabled     boolean NOT NULL,
  -- AES-256-GCM under the key of the installation, which is not in the database.
  secret_box  text NOT NULL,
  secret_hint text NOT NULL,
  created_at  timestamptz(3) NOT NULL,
  updated_at  timestamptz(3) NOT NULL,
  PRIMARY KEY (org_id, id)
);

-- The last requests to each webhook.
CREATE TABLE archon_webhook_deliveries (
  org_id      uuid NOT NULL,
  webhook_id  uuid NOT NULL,
  id          uuid NOT NULL,
  event_id    bigint,
  event_type  text NOT NULL,
  attempt     integer NOT NULL,
  at          timestamptz(3) NOT NULL,
  duration_ms integer NOT NULL,
  outcome     jsonb NOT NULL,
  PRIMARY KEY (org_id, webhook_id, id),
  FOREIGN KEY (org_id, webhook_id) REFERENCES archon_webhooks ON DELETE CASCADE
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'archon_event_subscribers', 'archon_event_effects', 'archon_event_failures', 'archon_event_replays',
    'archon_event_replay_runs', 'archon_webhooks', 'archon_webhook_deliveries'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY org_isolation ON %I USING (org_id = nullif(current_setting(''app.current_org_id'', true), '''')::uuid)',
      name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO archon_app', name);
  END LOOP;
END $$;
