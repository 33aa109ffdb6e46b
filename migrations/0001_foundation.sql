-- Foundation: organisations, working and long-term memory, revisions, links, the event log, idempotency keys.
--
-- Tenancy: every table has org_id first in its keys; row-level security is forced, so that even the owner of the
-- tables sees only the organisation of `app.current_org_id`. The application works as archon_app, which cannot
-- bypass it. Roles belong to the whole server, so another database or node may be creating them right now.

-- Only what is missing is made and granted, so that a login without CREATEROLE gets by with roles that an administrator
-- made and granted to it (storage/database-rights.ts says which SQL is missing). Being granted them means no more than to
-- SET ROLE: since PostgreSQL 16 it can be said outright, and is asked for by that name.
DO $$
DECLARE
  since_16 boolean := current_setting('server_version_num')::int >= 160000;
  name     text;
BEGIN
  FOREACH name IN ARRAY ARRAY['archon_app', 'archon_search'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    IF NOT pg_has_role(name, CASE WHEN since_16 THEN 'SET' ELSE 'MEMBER' END) THEN
      BEGIN
        EXECUTE format('GRANT %I TO CURRENT_USER%s', name, CASE WHEN since_16 THEN ' WITH INHERIT FALSE, SET TRUE' END);
      EXCEPTION WHEN unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
END $$;

DO $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO archon_app, archon_search', current_schema());
END $$;

-- The organisation of this transaction; NULL, and so no row at all, when none was set. Policies spell it out: that
-- costs every statement less than a function to be inlined.
CREATE FUNCTION archon_current_org() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.current_org_id', true), '')::uuid $$;

-- A score that halves every half-life, at a time. power() fails on underflow: after 1,000 half-lives it is 0 enough.
CREATE FUNCTION archon_decayed(
  score double precision, since timestamptz, at timestamptz, half_life_seconds double precision
) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$
    SELECT score * power(0.5::float8, least(1000::float8,
      greatest(0::float8, extract(epoch FROM at - since)::float8 / half_life_seconds)))
  $$;

-- The text search vector of a memory. to_tsvector refuses more than 1 MB of lexemes, so a very long text is
-- searchable by its first 100,000 characters. IMMUTABLE is our promise: a configuration's rules do not change.
CREATE FUNCTION archon_text_vector(language text, body text) RETURNS tsvector
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT to_tsvector(language::regconfig, left(body, 100000)) $$;

-- The searchable words of a query, at most 64, in order.
CREATE FUNCTION archon_query_words(language text, query text) RETURNS text[]
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$
    SELECT array_agg(lexeme ORDER BY place)
    FROM (
      SELECT lexeme, positions[1] AS place
      FROM unnest(to_tsvector(language::regconfig, left(query, 20000)))
      ORDER BY positions[1]
      LIMIT 64
    ) AS words
  $$;

-- A query for any of some words. It is made of lexemes, never parsed as query syntax, so no input is an error.
-- NULL, which matches nothing, when there is no word.
CREATE FUNCTION archon_any_word(words text[]) RETURNS tsquery
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$
    SELECT string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery
    FROM unnest(words) AS word
  $$;

-- How well a memory fits a query for any of some words: the rank times the number of different words it holds.
-- The rank alone lets one word repeated often win over several words found once.
CREATE FUNCTION archon_strength(vector tsvector, query tsquery, words text[]) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT ts_rank_cd(vector, query, 1)::float8 * (length(vector) - length(ts_delete(vector, words))) $$;

CREATE TABLE archon_orgs (
  org_id     uuid PRIMARY KEY,
  name       text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE archon_working_memory (
  org_id          uuid NOT NULL REFERENCES archon_orgs,
  id              uuid NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  session_id      text,
  memory_type     text NOT NULL CHECK (memory_type IN ('conversation', 'action', 'decision')),
  content         jsonb NOT NULL CHECK (jsonb_typeof(content -> 'text') = 'string'),
  metadata        jsonb NOT NULL DEFAULT '{}',
  tags            text[] NOT NULL DEFAULT '{}',
  token_count     integer NOT NULL CHECK (token_count >= 0),
  -- Relevance at relevance_at; it halves every half-life from there (a setting), computed when read.
  relevance_score double precision NOT NULL CHECK (relevance_score BETWEEN 0 AND 1),
  relevance_at    timestamptz(3) NOT NULL,
  created_at      timestamptz(3) NOT NULL,
  updated_at      timestamptz(3) NOT NULL,
  expires_at      timestamptz(3) NOT NULL,
  deleted_at      timestamptz(3),
  language        text NOT NULL,
  text_vector     tsvector GENERATED ALWAYS AS (archon_text_vector(language, content ->> 'text')) STORED,
  PRIMARY KEY (org_id, id)
);
CREATE INDEX archon_working_by_user ON archon_working_memory (org_id, user_id, created_at DESC, id DESC);
CREATE INDEX archon_working_by_session ON archon_working_memory (org_id, session_id, created_at) WHERE session_id IS NOT NULL;
CREATE INDEX archon_working_by_expiry ON archon_working_memory (org_id, expires_at);
CREATE INDEX archon_working_text ON archon_working_memory USING gin (text_vector) WITH (fastupdate = off);

CREATE TABLE archon_longterm_memory (
  org_id           uuid NOT NULL REFERENCES archon_orgs,
  id               uuid NOT NULL,
  user_id          text COLLATE "C" NOT NULL,
  memory_type      text NOT NULL CHECK (memory_type IN ('fact', 'preference', 'skill', 'relationship')),
  content          jsonb NOT NULL CHECK (jsonb_typeof(content -> 'text') = 'string'),
  metadata         jsonb NOT NULL DEFAULT '{}',
  tags             text[] NOT NULL DEFAULT '{}',
  token_count      integer NOT NULL CHECK (token_count >= 0),
  provenance       jsonb NOT NULL,
  -- A column of its own: under row-level security no index on an expression of jsonb would be used.
  session_id       text GENERATED ALWAYS AS (provenance ->> 'session_id') STORED,
  importance_score double precision NOT NULL CHECK (importance_score BETWEEN 0 AND 1),
  pinned           boolean NOT NULL DEFAULT false,
  access_count     bigint NOT NULL DEFAULT 0 CHECK (access_count >= 0),
  last_accessed_at timestamptz(3),
  created_at       timestamptz(3) NOT NULL,
  updated_at       timestamptz(3) NOT NULL,
  valid_from       timestamptz(3) NOT NULL,
  valid_to         timestamptz(3),
  superseded_by    uuid,
  deleted_at       timestamptz(3),
  language         text NOT NULL,
  text_vector      tsvector GENERATED ALWAYS AS (archon_text_vector(language, content ->> 'text')) STORED,
  PRIMARY KEY (org_id, id),
  CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX archon_longterm_by_user ON archon_longterm_memory (org_id, user_id, created_at DESC, id DESC);
CREATE INDEX archon_longterm_current ON archon_longterm_memory (org_id, user_id, importance_score DESC)
  WHERE valid_to IS NULL AND deleted_at IS NULL;
CREATE INDEX archon_longterm_by_session ON archon_longterm_memory (org_id, session_id, created_at) WHERE session_id IS NOT NULL;
CREATE INDEX archon_longterm_by_successor ON archon_longterm_memory (org_id, superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX archon_longterm_text ON archon_longterm_memory USING gin (text_vector) WITH (fastupdate = off);

-- What a memory was before each change. It belongs to either memory table, so there is no foreign key.
CREATE TABLE archon_memory_revisions (
  org_id     uuid NOT NULL REFERENCES archon_orgs,
  memory_id  uuid NOT NULL,
  revision   integer NOT NULL CHECK (revision > 0),
  layer      text NOT NULL CHECK (layer IN ('working', 'longterm')),
  change     text NOT NULL CHECK (change IN ('updated', 'superseded', 'deleted', 'restored')),
  actor      text NOT NULL,
  before     jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (org_id, memory_id, revision)
);

CREATE TABLE archon_memory_links (
  org_id     uuid NOT NULL REFERENCES archon_orgs,
  from_id    uuid NOT NULL,
  to_id      uuid NOT NULL,
  relation   text NOT NULL CHECK (relation IN ('supports', 'contradicts', 'relates_to', 'derived_from')),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (org_id, from_id, to_id, relation),
  CHECK (from_id <> to_id)
);
CREATE INDEX archon_links_by_target ON archon_memory_links (org_id, to_id);

-- Append-only; written in the transaction of the change it tells of. No foreign key: what changes has one already, and
-- the log is written with every change.
CREATE TABLE archon_events (
  org_id     uuid NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  type       text NOT NULL,
  user_id    text,
  actor      text NOT NULL,
  payload    jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (org_id, id)
);

CREATE TABLE archon_idempotency_keys (
  org_id         uuid NOT NULL REFERENCES archon_orgs,
  key            text NOT NULL,
  operation      text NOT NULL,
  request_sha256 text NOT NULL,
  response       jsonb,
  created_at     timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, key)
);
CREATE INDEX archon_idempotency_by_age ON archon_idempotency_keys (org_id, created_at);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'archon_orgs', 'archon_working_memory', 'archon_longterm_memory', 'archon_memory_revisions',
    'archon_memory_links', 'archon_events', 'archon_idempotency_keys'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY org_isolation ON %I USING (org_id = nullif(current_setting(''app.current_org_id'', true), '''')::uuid)',
      name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO archon_app', name);
  END LOOP;
END $$;
REVOKE UPDATE, DELETE ON archon_events FROM archon_app;

-- Text search under row-level security. PostgreSQL runs the policy before any operator that is not leakproof, and
-- @@ is not: with the policy alone the GIN indexes would never be used. These two functions find candidates as
-- archon_search, whose policy is open for reading, and hand out nothing but ids and ranks of the current
-- organisation; the caller joins the ids to the table under its own policy.
--
-- The policy is open only for who acts as archon_search: a policy counts for every role that inherits its role's
-- rights too, and so the login, which on PostgreSQL 15 does, would read every organisation. IMMUTABLE is our promise:
-- PostgreSQL plans a query under row-level security anew for every role, and the answer must be known to the planner,
-- as a condition that is asked while the query runs would keep it from the indexes.
CREATE FUNCTION archon_acts_as_search() RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT current_user = 'archon_search' $$;

CREATE POLICY search_reads ON archon_working_memory FOR SELECT TO archon_search USING (archon_acts_as_search());
CREATE POLICY search_reads ON archon_longterm_memory FOR SELECT TO archon_search USING (archon_acts_as_search());
GRANT SELECT ON archon_working_memory, archon_longterm_memory TO archon_search;

CREATE FUNCTION archon_search_working(
  wanted_user text, words text[], types text[], with_tags text[], of_session text,
  created_from timestamptz, created_to timestamptz, at timestamptz,
  min_relevance double precision, half_life_seconds double precision, max_results integer
) RETURNS TABLE (id uuid, strength double precision)
  LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET plan_cache_mode = force_custom_plan
  AS $$
  DECLARE
    query CONSTANT tsquery := archon_any_word(words);
  BEGIN
    RETURN QUERY
      SELECT m.id, archon_strength(m.text_vector, query, words)
      FROM archon_working_memory AS m
      WHERE m.org_id = archon_current_org() AND m.user_id = wanted_user AND m.text_vector @@ query
        AND m.deleted_at IS NULL AND m.expires_at > at
        AND (types IS NULL OR m.memory_type = ANY (types))
        AND (with_tags IS NULL OR m.tags @> with_tags)
        AND (of_session IS NULL OR m.session_id = of_session)
        AND (created_from IS NULL OR m.created_at >= created_from)
        AND (created_to IS NULL OR m.created_at < created_to)
        AND (min_relevance IS NULL OR archon_decayed(m.relevance_score, m.relevance_at, at, half_life_seconds) >= min_relevance)
      ORDER BY 2 DESC, m.created_at DESC, m.id DESC
      LIMIT max_results;
  END $$;

CREATE FUNCTION archon_search_longterm(
  wanted_user text, words text[], types text[], with_tags text[], of_session text,
  created_from timestamptz, created_to timestamptz, true_at timestamptz,
  min_importance double precision, max_results integer
) RETURNS TABLE (id uuid, strength double precision)
  LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET plan_cache_mode = force_custom_plan
  AS $$
  DECLARE
    query CONSTANT tsquery := archon_any_word(words);
  BEGIN
    RETURN QUERY
      SELECT m.id, archon_strength(m.text_vector, query, words)
      FROM archon_longterm_memory AS m
      WHERE m.org_id = archon_current_org() AND m.user_id = wanted_user AND m.text_vector @@ query
        AND m.deleted_at IS NULL
        AND CASE WHEN true_at IS NULL THEN m.valid_to IS NULL
            ELSE m.valid_from <= true_at AND (m.valid_to IS NULL OR m.valid_to > true_at) END
        AND (types IS NULL OR m.memory_type = ANY (types))
        AND (with_tags IS NULL OR m.tags @> with_tags)
        AND (of_session IS NULL OR m.session_id = of_session)
        AND (created_from IS NULL OR m.created_at >= created_from)
        AND (created_to IS NULL OR m.created_at < created_to)
        AND (min_importance IS NULL OR m.importance_score >= min_importance)
      ORDER BY 2 DESC, m.created_at DESC, m.id DESC
      LIMIT max_results;
  END $$;

-- They belong to archon_search from here on. A later migration changes them as that role, which the login may act as
-- but whose rights it need not inherit, and which may create in the schema only for as long as this takes:
--   GRANT CREATE ON SCHEMA … TO archon_search; SET LOCAL ROLE archon_search;
--   CREATE OR REPLACE FUNCTION … SET search_path = …; SET LOCAL ROLE NONE;
--   REVOKE CREATE ON SCHEMA … FROM archon_search;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['archon_search_working', 'archon_search_longterm'] LOOP
    EXECUTE format('ALTER FUNCTION %I SET search_path = %I, pg_catalog, pg_temp', name, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %I FROM PUBLIC', name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO archon_app', name);
  END LOOP;
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO archon_search', current_schema());
  FOREACH name IN ARRAY ARRAY['archon_search_working', 'archon_search_longterm'] LOOP
    EXECUTE format('ALTER FUNCTION %I OWNER TO archon_search', name);
  END LOOP;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM archon_search', current_schema());
END $$;
