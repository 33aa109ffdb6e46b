/**
 * The Lua scripts of the session store: what must happen in Redis as one.
 *
 * Scripts of a session take its three keys, which live in one slot of a Cluster:
 * KEYS[1] hash of the session, KEYS[2] list of its messages as JSON, KEYS[3] hash message_id → seq.
 * Times are milliseconds since the epoch. `false` is answered when there is no such live session.
 */
import type { RedisConnection } from './redis-connection.ts';

/** Fields of a session's hash that come with its record, in the order scripts take them; title and context are JSON. */
export const RECORD_FIELDS = [
  'user_id',
  'title',
  'context',
  'started_at',
  'last_accessed_at',
  'expires_at',
  'ttl_seconds',
] as const;
/** All fields of a session's hash, in the order scripts answer them. */
export const SESSION_FIELDS = [...RECORD_FIELDS, 'message_count', 'token_count'] as const;

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

const SESSION_FUNCTIONS = `
local call = redis.call

-- A session past its time is as good as gone; so is one of which Redis evicted a part.
local function live(now)
  local found = call('HMGET', KEYS[1], 'expires_at', 'message_count')
  if not found[1] or tonumber(found[1]) <= tonumber(now) then return false end
  local count = tonumber(found[2])
  return call('LLEN', KEYS[2]) == count and call('HLEN', KEYS[3]) == count
end

local function fields()
  return call('HMGET', KEYS[1], ${quoted(SESSION_FIELDS)})
end

local function begin(first_arg)
  call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
  for offset, name in ipairs({${quoted(RECORD_FIELDS)}}) do
    call('HSET', KEYS[1], name, ARGV[first_arg + offset - 1])
  end
  call('HSET', KEYS[1], 'message_count', 0, 'token_count', 0)
end

-- Adds triples (message_id, token count, JSON); answers '' for each one added, the stored JSON for one held before.
local function add(first_arg)
  local count = tonumber(call('HGET', KEYS[1], 'message_count'))
  local tokens, stored = 0, {}
  for i = first_arg, #ARGV, 3 do
    local seq = call('HGET', KEYS[3], ARGV[i])
    if seq then
      stored[#stored + 1] = call('LINDEX', KEYS[2], seq - 1)
    else
      count = count + 1
      tokens = tokens + tonumber(ARGV[i + 1])
      call('RPUSH', KEYS[2], ARGV[i + 2])
      call('HSET', KEYS[3], ARGV[i], count)
      stored[#stored + 1] = ''
    end
  end
  call('HSET', KEYS[1], 'message_count', count)
  call('HINCRBY', KEYS[1], 'token_count', tokens)
  return stored
end

local function touch(now)
  local ttl = tonumber(call('HGET', KEYS[1], 'ttl_seconds'))
  call('HSET', KEYS[1], 'last_accessed_at', now, 'expires_at', string.format('%.0f', now + ttl * 1000))
end

-- Last of all: a time that is past for the clock of Redis deletes the keys at once.
local function set_expiry()
  local at = call('HGET', KEYS[1], 'expires_at')
  for i = 1, 3 do call('PEXPIREAT', KEYS[i], at) end
end
`;

const script = (numberOfKeys: number, lua: string) => ({ numberOfKeys, lua });
const sessionScript = (lua: string) => script(3, SESSION_FUNCTIONS + lua);
const FIRST_MESSAGE_ARG = RECORD_FIELDS.length;

export const SCRIPTS = {
  /** now, record, messages → [1 when created, session] */
  sessionCreate: sessionScript(`
if live(ARGV[1]) then return {0, fields()} end
begin(2)
add(${FIRST_MESSAGE_ARG + 2})
local session = fields()
set_expiry()
return {1, session}`),

  /** now → session */
  sessionRead: sessionScript(`
return live(ARGV[1]) and fields()`),

  /** now, field, value, … → session with these fields changed, touched */
  sessionAccess: sessionScript(`
if not live(ARGV[1]) then return false end
if #ARGV > 1 then call('HSET', KEYS[1], unpack(ARGV, 2)) end
touch(ARGV[1])
local session = fields()
set_expiry()
return session`),

  /** now, '1' to touch, '1' when a record comes next, record or nothing, messages → [session, stored messages, 1 when begun] */
  sessionAppend: sessionScript(`
local first_message = 4
if ARGV[3] == '1' then first_message = ${FIRST_MESSAGE_ARG + 4} end
local begun = 0
if not live(ARGV[1]) then
  if ARGV[3] ~= '1' then return false end
  begin(4)
  begun = 1
end
local stored = add(first_message)
if ARGV[2] == '1' then touch(ARGV[1]) end
local session = fields()
set_expiry()
return {session, stored, begun}`),

  /** now, 'oldest_first' or 'newest_first', after, before ('' for none), limit → [seq of the first, messages by seq] */
  sessionMessages: sessionScript(`
if not live(ARGV[1]) then return false end
local first, last, limit = tonumber(ARGV[3]), call('LLEN', KEYS[2]) - 1, tonumber(ARGV[5])
if ARGV[4] ~= '' then last = math.min(last, tonumber(ARGV[4]) - 2) end
if ARGV[2] == 'oldest_first' then last = math.min(last, first + limit - 1)
else first = math.max(first, last - limit + 1) end
if first > last then return {0, {}} end
return {first + 1, call('LRANGE', KEYS[2], first, last)}`),

  /** now → [user_id, message_count, token_count] */
  sessionCounts: sessionScript(`
return live(ARGV[1]) and call('HMGET', KEYS[1], 'user_id', 'message_count', 'token_count')`),

  /**
   * user_id or '' for any, now or '' → ['removed' or 'kept', user_id, last_accessed_at]
   *
   * Keeps a session of another user and, with `now`, one that is live.
   */
  sessionRemove: sessionScript(`
local found = call('HMGET', KEYS[1], 'user_id', 'last_accessed_at')
local outcome = 'kept'
if (ARGV[1] == '' or ARGV[1] == found[1]) and (ARGV[2] == '' or not live(ARGV[2])) then
  call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
  outcome = 'removed'
end
return found[1] and {outcome, found[1], found[2]}`),

  /**
   * KEYS: sessions of a user by last access, by expiry. last_accessed_at, expires_at, session_id, ms to keep it longer
   *
   * Never moves an entry back, so that calls may arrive in any order.
   */
  indexRaise: script(
    2,
    `
redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[2], 'GT', ARGV[2], ARGV[3])
local latest = redis.call('ZRANGE', KEYS[2], 0, 0, 'REV', 'WITHSCORES')[2]
local at = string.format('%.0f', latest + ARGV[4])
redis.call('PEXPIREAT', KEYS[1], at)
redis.call('PEXPIREAT', KEYS[2], at)`,
  ),

  /**
   * KEYS as above. Fives: session_id, last_accessed_at at most, expires_at at most ('' for any, 'now' for the clock of
   * Redis), and the true times or '' to drop the entry → the earliest expiry that is left
   *
   * An entry beyond the limits was written after the caller looked, and stays.
   */
  indexSettle: script(
    2,
    `
local time = redis.call('TIME')
local function beyond(score, limit)
  if limit == 'now' then limit = time[1] * 1000 end
  return score and limit ~= '' and tonumber(score) > tonumber(limit)
end
for i = 1, #ARGV, 5 do
  local member = ARGV[i]
  local accessed, expiry = redis.call('ZSCORE', KEYS[1], member), redis.call('ZSCORE', KEYS[2], member)
  if not beyond(accessed, ARGV[i + 1]) and not beyond(expiry, ARGV[i + 2]) then
    if ARGV[i + 3] == '' then
      redis.call('ZREM', KEYS[1], member)
      redis.call('ZREM', KEYS[2], member)
    elseif accessed or expiry then
      redis.call('ZADD', KEYS[1], ARGV[i + 3], member)
      redis.call('ZADD', KEYS[2], ARGV[i + 4], member)
    end
  end
end
return redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or ''`,
  ),

  /** KEYS: users of an organisation by id, by latest expiry, by when to sweep next. expires_at, user_id, ms to keep it longer */
  usersRaise: script(
    3,
    `
redis.call('ZADD', KEYS[1], 0, ARGV[2])
redis.call('ZADD', KEYS[2], 'GT', ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[3], 'LT', ARGV[1], ARGV[2])
local latest = redis.call('ZRANGE', KEYS[2], 0, 0, 'REV', 'WITHSCORES')[2]
local at = string.format('%.0f', latest + ARGV[3])
for i = 1, 3 do redis.call('PEXPIREAT', KEYS[i], at) end`,
  ),

  /**
   * KEYS as above. user_id, latest expiry at most, earliest expiry left in the user's index or ''
   *
   * Drops a user without sessions, unless one was begun since the caller looked; else says when to sweep next.
   */
  usersSettle: script(
    3,
    `
local latest = redis.call('ZSCORE', KEYS[2], ARGV[1])
if ARGV[3] == '' and (not latest or tonumber(latest) <= tonumber(ARGV[2])) then
  for i = 1, 3 do redis.call('ZREM', KEYS[i], ARGV[1]) end
elseif ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[1], 0, ARGV[1])
  redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
else
  redis.call('ZADD', KEYS[3], latest, ARGV[1])
end`,
  ),
} as const;

export type ScriptName = keyof typeof SCRIPTS;

/** Makes the scripts commands of the client; they travel as EVALSHA, as EVAL the first time. */
export function defineScripts(connection: RedisConnection): void {
  for (const [name, definition] of Object.entries(SCRIPTS)) connection.client.defineCommand(name, definition);
}

/** Runs a script of {@link SCRIPTS}; the shape of its answer stands with the script. */
export function runScript<Answer>(
  connection: RedisConnection,
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<Answer> {
  return connection.run((client) => {
    const command = (client as unknown as Record<ScriptName, (...all: (string | number)[]) => Promise<Answer>>)[name];
    return command.apply(client, [...keys, ...args]);
  });
}
