-- Who changed which settings of this computer. Values of secrets are never in it.
CREATE TABLE settings_history (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL UNIQUE,
  at       TEXT NOT NULL,
  by_whom  TEXT NOT NULL,
  -- [{"key", "before", "after"}]; null: it had no own value. Of secrets true and false.
  changes  TEXT NOT NULL,
  -- The change that this one took back.
  undoes   TEXT
) STRICT;
CREATE INDEX settings_history_undone ON settings_history (undoes) WHERE undoes IS NOT NULL;
