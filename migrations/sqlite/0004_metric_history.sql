-- Figures for charts. A sample is one row: its numbers lie one after the other in `cells`, in the order that its layout
-- names, so that a day of samples is read in some milliseconds and writing one touches one page.

CREATE TABLE metric_layouts (
  layout_id INTEGER PRIMARY KEY,
  layout    TEXT NOT NULL UNIQUE
) STRICT;

-- Every 10 seconds, for a day. `at` is when the time began that a row is of, in seconds since the epoch.
CREATE TABLE metric_samples (
  at        INTEGER PRIMARY KEY,
  layout_id INTEGER NOT NULL REFERENCES metric_layouts (layout_id),
  cells     BLOB NOT NULL
) STRICT;

-- Every 5 minutes, for 30 days.
CREATE TABLE metric_rollups (
  at        INTEGER PRIMARY KEY,
  layout_id INTEGER NOT NULL REFERENCES metric_layouts (layout_id),
  cells     BLOB NOT NULL
) STRICT;
