-- Notes of the ops agent: alerts, actions, deliveries, rules, … as documents, the newest of each id. On this computer, so
-- that they can be read and written while every other store is away.
CREATE TABLE ops_records (
  org_id   TEXT NOT NULL,
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  -- Milliseconds since the epoch: what lists go by.
  at_ms    INTEGER NOT NULL,
  -- 1 while it is not over: an alert that is not resolved, an action that is not done.
  open     INTEGER NOT NULL,
  document TEXT NOT NULL,
  -- When this version was written by the clock of who did, and later than the one it was made of; of all that nodes wrote of
  -- an id the last holds, then the larger name of its writer.
  changed_ms INTEGER NOT NULL,
  writer   TEXT NOT NULL,
  -- 1 once it is removed: so that the other nodes hear of it.
  removed  INTEGER NOT NULL,
  -- 1 while it is not in the database that nodes share.
  unsaved  INTEGER NOT NULL,
  PRIMARY KEY (org_id, kind, id)
) STRICT;
CREATE INDEX ops_records_newest ON ops_records (org_id, kind, at_ms DESC, id DESC);
CREATE INDEX ops_records_open ON ops_records (org_id, kind, at_ms DESC, id DESC) WHERE open = 1;
CREATE INDEX ops_records_unsaved ON ops_records (org_id, kind, id) WHERE unsaved = 1;

-- What was observed in each round: reports and previews of rules are made from it.
CREATE TABLE ops_rounds (
  org_id       TEXT NOT NULL,
  at_ms        INTEGER NOT NULL,
  -- Milliseconds that it speaks for: those since the round before, or of one interval.
  covered_ms   INTEGER NOT NULL,
  -- [[signal, labels, value], …]
  observations TEXT NOT NULL,
  -- Monitors that told nothing.
  failed       TEXT NOT NULL,
  PRIMARY KEY (org_id, at_ms)
) STRICT, WITHOUT ROWID;
