/**
 * Lua functions for first answers to writes with an idempotency key.
 *
 * KEYS[4] is a hash of the answers as JSON, each under `k` and its key. Long values of sessions that they show (a
 * context can be large and rarely changes) stand in it once, each under `#` and its SHA-1. KEYS[5] sorts all members by
 * when they were last part of an answer. Both keys live on when their session is gone, for a day after the last answer.
 *
 * Scripts that use them begin with the arguments now, key ('' for none), operation, hash of the request.
 */
import { IDEMPOTENCY_KEY_VALID_MS } from '../../../src-contract/index.ts';
import { SESSION_FIELDS } from './redis-session-fields.ts';

/** Place of a field in an answered session, as Lua counts. */
const place = (name: (typeof SESSION_FIELDS)[number]): number => SESSION_FIELDS.indexOf(name) + 1;

export const ANSWER_FUNCTIONS = `
local function oldest_answer()
  return tonumber(ARGV[1]) - ${IDEMPOTENCY_KEY_VALID_MS}
end

-- What the first write with this key answered: ['repeated', session, held, sent]; ['key_reused'] for another request.
local function earlier_answer()
  local text = ARGV[2] ~= '' and call('HGET', KEYS[4], 'k' .. ARGV[2])
  local answer = text and cjson.decode(text)
  if not answer or tonumber(answer.at) < oldest_answer() then return false end
  if answer.operation ~= ARGV[3] or answer.request ~= ARGV[4] then return {'key_reused'} end
  for i, value in ipairs(answer.session) do
    if i ~= ${place('user_id')} and string.sub(value, 1, 1) == '#' then
      answer.session[i] = call('HGET', KEYS[4], value)
      if not answer.session[i] then return false end
    end
  end
  return {'repeated', answer.session, answer.held, answer.sent}
end

-- Keeps an answer; held and sent are those of an append. A few that are too old go at the same time.
local function keep_answer(user_id, session, held, sent)
  if ARGV[2] == '' then return end
  local function keep(member, value)
    if value then call('HSET', KEYS[4], member, value) end
    call('ZADD', KEYS[5], 'GT', ARGV[1], member)
  end
  local shown = {}
  for i, value in ipairs(session) do
    shown[i] = value
    if i ~= ${place('user_id')} and #value > 41 then
      shown[i] = '#' .. redis.sha1hex(value)
      keep(shown[i], call('HEXISTS', KEYS[4], shown[i]) == 0 and value)
    end
  end
  keep('k' .. ARGV[2], cjson.encode({
    at = ARGV[1], operation = ARGV[3], request = ARGV[4], user_id = user_id, session = shown, held = held, sent = sent,
  }))
  local before = '(' .. string.format('%.0f', oldest_answer())
  local old = call('ZRANGEBYSCORE', KEYS[5], '-inf', before, 'LIMIT', 0, 20)
  if #old > 0 then
    call('HDEL', KEYS[4], unpack(old))
    call('ZREM', KEYS[5], unpack(old))
  end
  local at = string.format('%.0f', ARGV[1] + ${IDEMPOTENCY_KEY_VALID_MS})
  call('PEXPIREAT', KEYS[4], at)
  call('PEXPIREAT', KEYS[5], at)
end

-- The answer to an append with the messages that the session had held before; '' for those it does not hold now.
local function with_held(answer)
  local _, session, held, sent = unpack(answer)
  local now = call('HMGET', KEYS[1], 'user_id', 'started_at')
  local same = live(ARGV[1]) and now[1] == session[${place('user_id')}] and now[2] == session[${place('started_at')}]
  local stored = {}
  for i, message in ipairs(cjson.decode(sent)) do
    local seq = same and string.sub(held, i, i) == '1' and call('HGET', KEYS[3], message[1])
    stored[i] = seq and call('LINDEX', KEYS[2], seq - 1) or ''
  end
  answer[5] = stored
  return answer
end

-- Drops the answers to one user's writes, and the values that only they show.
local function drop_answers_of(user_id)
  local dropped, shown = {}, {}
  local all = call('HGETALL', KEYS[4])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 1) == 'k' then
      local answer = cjson.decode(all[i + 1])
      if answer.user_id == user_id then dropped[#dropped + 1] = all[i]
      else for _, value in ipairs(answer.session) do shown[value] = true end end
    end
  end
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 1) == '#' and not shown[all[i]] then dropped[#dropped + 1] = all[i] end
  end
  for _, member in ipairs(dropped) do
    call('HDEL', KEYS[4], member)
    call('ZREM', KEYS[5], member)
  end
end
`;
