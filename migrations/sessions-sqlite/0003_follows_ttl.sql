-- 1: its time to live is that of the settings, and with each access that which holds then. Sessions from before keep theirs.
ALTER TABLE sessions ADD COLUMN follows_ttl INTEGER NOT NULL DEFAULT 0;
