-- Events of sessions come from the outbox of another store, where each has an id of its own: one that is brought here
-- twice, because the process that brought it was killed before it could say so, is in the log once.
ALTER TABLE archon_events ADD COLUMN source_id text;
CREATE UNIQUE INDEX archon_events_by_source ON archon_events (org_id, source_id) WHERE source_id IS NOT NULL;

-- The log grows at its end, so blocks of it hold neighbouring times: next to nothing to keep, and enough to count minutes.
CREATE INDEX archon_events_by_time ON archon_events USING brin (created_at) WITH (pages_per_range = 16);
