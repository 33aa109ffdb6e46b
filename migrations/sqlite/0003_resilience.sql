-- How the services this computer depends on have been, and events of this computer that wait for PostgreSQL.

CREATE TABLE breaker_transitions (
  position   INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  -- Who may see it: the organisation of a webhook; of a service of the whole process, everybody.
  org_id     TEXT NOT NULL,
  breaker    TEXT NOT NULL,
  service    TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  at         TEXT NOT NULL,
  failures   INTEGER,
  error      TEXT,
  reason     TEXT,
  by_whom    TEXT
) STRICT;
CREATE INDEX breaker_transitions_of ON breaker_transitions (breaker, position DESC);

CREATE TABLE waiting_events (
  position  INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id TEXT NOT NULL UNIQUE,
  org_id    TEXT NOT NULL,
  actor     TEXT NOT NULL,
  at        TEXT NOT NULL,
  event     TEXT NOT NULL
) STRICT;
