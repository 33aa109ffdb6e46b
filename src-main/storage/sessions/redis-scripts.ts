/**
 * The Lua scripts of the session store: what must happen in Redis as one.
 *
 * Scripts of a session take its keys, which live in one slot of a Cluster:
 * KEYS[1] hash of the session, KEYS[2] list of its messages as JSON, KEYS[3] hash message_id → seq. Writes also take
 * KEYS[4] and KEYS[5], the first answers to those with an idempotency key, KEYS[6], the outbox, and begin with the
 * arguments now, key ('' for none), operation, hash of the request, origin of the event, events the outbox may hold;
 * they answer a word first, `key_reused` for another request.
 * Times are milliseconds since the epoch. `false` is answered when there is no such live session.
 */
import { ANSWER_FUNCTIONS } from './redis-answer-functions.ts';
import type { RedisConnection } from './redis-connection.ts';
import { OUTBOX_FUNCTIONS } from './redis-outbox-functions.ts';
import { SESSION_FIELDS, STORED_FIELDS } from './redis-session-fields.ts';

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
  for offset, name in ipairs({${quoted(STORED_FIELDS)}}) do
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

-- The time to live that the settings say, or '': for a session that has none of its own.
local function touch(now, ttl_set)
  local ttl = tonumber(call('HGET', KEYS[1], 'ttl_seconds'))
  if ttl_set ~= '' and call('HGET', KEYS[1], 'follows_ttl') == '1' then
    ttl = tonumber(ttl_set)
    call('HSET', KEYS[1], 'ttl_seconds', ttl_set)
  end
  call('HSET', KEYS[1], 'last_accessed_at', now, 'expires_at', string.format('%.0f', now + ttl * 1000))
end

local function accessed_at(time)
  if tonumber(call('HGET', KEYS[1], 'last_accessed_at')) < tonumber(time) then
    call('HSET', KEYS[1], 'last_accessed_at', time)
  end
end

-- Last of all: a time that is past for the clock of Redis deletes the keys at once.
local function set_expiry()
  local at = call('HGET', KEYS[1], 'expires_at')
  for i = 1, 3 do call('PEXPIREAT', KEYS[i], at) end
end
`;

const script = (numberOfKeys: number, lua: string) => ({ numberOfKeys, lua });
const sessionScript = (lua: string) => script(3, SESSION_FUNCTIONS + lua);
const writeScript = (lua: string) => script(6, SESSION_FUNCTIONS + ANSWER_FUNCTIONS + OUTBOX_FUNCTIONS + lua);
const RECORD_LENGTH = STORED_FIELDS.length;

export const SCRIPTS = {
  /** …, detail, record, messages → ['created', 'exists' or 'repeated', session] */
  sessionCreate: writeScript(`
local earlier = earlier_answer()
if earlier then return earlier end
if live(ARGV[1]) then return {'exists', fields()} end
begin(8)
local stored = add(${RECORD_LENGTH + 8})
local session = fields()
tell(ARGV[5], ARGV[6], 'created', session[1])
tell_added(ARGV[5], ARGV[6], ARGV[7], true, session[1], stored, ${RECORD_LENGTH + 8})
keep_answer(session[1], session, '', '')
set_expiry()
return {'created', session}`),

  /** now → session */
  sessionRead: sessionScript(`
return live(ARGV[1]) and fields()`),

  /** now, time to live as set or '' → session, touched */
  sessionAccess: sessionScript(`
if not live(ARGV[1]) then return false end
touch(ARGV[1], ARGV[2])
local session = fields()
set_expiry()
return session`),

  /** …, '1' to touch, time to live as set or '', field, value, … → ['updated' or 'repeated', session with these fields changed] */
  sessionUpdate: writeScript(`
local earlier = earlier_answer()
if earlier then return earlier end
if not live(ARGV[1]) then return false end
if #ARGV > 8 then call('HSET', KEYS[1], unpack(ARGV, 9)) end
if ARGV[7] == '1' then touch(ARGV[1], ARGV[8]) end
local session = fields()
tell(ARGV[5], ARGV[6], 'updated', session[1])
keep_answer(session[1], session, '', '')
set_expiry()
return {'updated', session}`),

  /**
   * …, detail, ids and times of the messages as JSON, '1' to touch or a time it was accessed at, time to live as set
   * or '', '1' when a record comes next, record or nothing, messages
   * → ['begun' or 'appended', session, stored messages], ['repeated', session, held, sent, stored messages] or
   * ['another_users'] when it is not the session of the record's user
   */
  sessionAppend: writeScript(`
local earlier = earlier_answer()
if earlier then return earlier[1] == 'repeated' and with_held(earlier) or earlier end
local first_message, outcome = 12, 'appended'
if ARGV[11] == '1' then first_message = ${RECORD_LENGTH + 12} end
if not live(ARGV[1]) then
  if ARGV[11] ~= '1' then return false end
  begin(12)
  outcome = 'begun'
elseif ARGV[11] == '1' and call('HGET', KEYS[1], 'user_id') ~= ARGV[12] then
  return {'another_users'}
end
local stored, held = add(first_message), {}
for i, json in ipairs(stored) do held[i] = json == '' and '0' or '1' end
if ARGV[9] == '1' then touch(ARGV[1], ARGV[10]) elseif ARGV[9] ~= '' then accessed_at(ARGV[9]) end
local session = fields()
if outcome == 'begun' then tell(ARGV[5], ARGV[6], 'created', session[1]) end
tell_added(ARGV[5], ARGV[6], ARGV[7], outcome == 'begun', session[1], stored, first_message)
keep_answer(session[1], session, table.concat(held), ARGV[8])
set_expiry()
return {outcome, session, stored}`),

  /** … → ['deleted', or 'expired' when its time was over, user_id, last_accessed_at] or ['repeated'] */
  sessionDelete: writeScript(`
local earlier = earlier_answer()
if earlier then return {earlier[1]} end
local found = call('HMGET', KEYS[1], 'user_id', 'last_accessed_at')
if not found[1] then return false end
local outcome = live(ARGV[1]) and 'deleted' or 'expired'
call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
if outcome == 'deleted' then
  tell(ARGV[5], ARGV[6], 'deleted', found[1])
  keep_answer(found[1], {}, '', '')
end
return {outcome, found[1], found[2]}`),

  /**
   * now, 'oldest_first' or 'newest_first', after, before ('' for none), limit, bytes at most ('' for any number)
   * → [seq of the first, messages in this order]
   *
   * With a limit of bytes it reads a few at a time, so that long messages beyond it are hardly touched.
   */
  sessionMessages: sessionScript(`
if not live(ARGV[1]) then return false end
local first, last, limit = tonumber(ARGV[3]), call('LLEN', KEYS[2]) - 1, tonumber(ARGV[5])
if ARGV[4] ~= '' then last = math.min(last, tonumber(ARGV[4]) - 2) end
if ARGV[2] == 'oldest_first' then last = math.min(last, first + limit - 1)
else first = math.max(first, last - limit + 1) end
local list, bytes, most = {}, 0, tonumber(ARGV[6])
local chunk = most and 8 or limit
local newest = ARGV[2] == 'newest_first'
local start = newest and last or first
while first <= last do
  local from, to = first, last
  if newest then from = math.max(first, last - chunk + 1) else to = math.min(last, first + chunk - 1) end
  local part = call('LRANGE', KEYS[2], from, to)
  for i = 1, #part do
    local message = newest and part[#part + 1 - i] or part[i]
    bytes = bytes + #message
    if most and #list > 0 and bytes > most then return {start + 1, list} end
    list[#list + 1] = message
  end
  if newest then last = from - 1 else first = to + 1 end
end
return {start + 1, list}`),

  /** now → [user_id, message_count, token_count] */
  sessionCounts: sessionScript(`
return live(ARGV[1]) and call('HMGET', KEYS[1], 'user_id', 'message_count', 'token_count')`),

  /**
   * user_id, origin, events the outbox may hold → last_accessed_at of the session of this user that was removed. Answers
   * to the user's writes go in any case.
   */
  sessionErase: writeScript(`
drop_answers_of(ARGV[1])
local found = call('HMGET', KEYS[1], 'user_id', 'last_accessed_at')
if found[1] ~= ARGV[1] then return false end
call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
tell(ARGV[2], ARGV[3], 'deleted', found[1])
return found[2]`),

  /**
   * user_id, now, origin ('' when its time may not be over), events the outbox may hold
   * → 'removed', 'kept' when it is live or another user's, or 'gone'
   */
  sessionClear: writeScript(`
local user_id = call('HGET', KEYS[1], 'user_id')
if user_id and (user_id ~= ARGV[1] or live(ARGV[2])) then return 'kept' end
call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
if ARGV[3] ~= '' then tell(ARGV[3], ARGV[4], 'expired', ARGV[1]) end
return user_id and 'removed' or 'gone'`),

  /** origin, events the outbox may hold, change, user_id, what else the change needs */
  outboxLeave: writeScript(`
tell(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])`),

  /**
   * KEYS: outbox, who takes from it. process, ms it may take its time, entries at most
   * → the oldest entries, or 'busy' while another process takes
   */
  outboxTake: script(
    2,
    `
local taker = redis.call('GET', KEYS[2])
if taker and taker ~= ARGV[1] then return redis.call('XLEN', KEYS[1]) > 0 and 'busy' or {} end
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[3])
if #entries > 0 then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
elseif taker then redis.call('DEL', KEYS[2]) end
return entries`,
  ),

  /**
   * KEYS: outbox. the position after the last that is in the log
   *
   * The empty stream stays: it knows which positions it gave, so that none is given twice.
   */
  outboxRemove: script(1, `redis.call('XTRIM', KEYS[1], 'MINID', ARGV[1])`),

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

  /** KEYS: sessions of a user with answers to keyed writes, by the last. time of the answer, session_id, ms to keep it */
  indexAnswered: script(
    1,
    `
redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', ARGV[1] - ARGV[3]))
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ARGV[1] + ARGV[3]))`,
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
