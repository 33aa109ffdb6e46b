-- Events of sessions on their way into the event log, each written in the transaction of what it tells of. Positions
-- grow with the time, so that none is given again when the table was empty: what is removed is removed up to one.
-- (AUTOINCREMENT would do that too, and write another page at every append.)
CREATE TABLE outbox (
  position   INTEGER PRIMARY KEY,
  source_id  TEXT    NOT NULL,
  org_id     TEXT    NOT NULL,
  actor      TEXT    NOT NULL,
  change     TEXT    NOT NULL,
  session_id TEXT    NOT NULL,
  user_id    TEXT    NOT NULL,
  -- What else the change needs: message ids by line, or as JSON how many events were given up.
  about      TEXT    NOT NULL,
  at_ms      INTEGER NOT NULL
) STRICT;
