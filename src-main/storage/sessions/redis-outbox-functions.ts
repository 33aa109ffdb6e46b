/**
 * Lua functions of the outbox: a stream in the slot of the session, KEYS[6], whose entries say `origin` (JSON of who
 * caused it: source_id, org_id, session_id, actor, at_ms), `change`, `user_id` and `about`.
 */
import { OUTBOX_BATCH, OUTBOX_CHUNK } from './session-outbox.ts';

export const OUTBOX_FUNCTIONS = `
local function leave(origin, change, user_id, about)
  call('XADD', KEYS[6], '*', 'origin', origin, 'change', change, 'user_id', user_id, 'about', about)
end

-- The oldest that are not on their way become one entry for each organisation, which says how many they were.
local function make_room()
  local oldest = call('XRANGE', KEYS[6], '-', '+', 'COUNT', ${OUTBOX_BATCH + OUTBOX_CHUNK})
  local lost, orgs = {}, {}
  for i = ${OUTBOX_BATCH + 1}, #oldest do
    local values = oldest[i][2]
    local origin = cjson.decode(values[2])
    local at = tonumber(origin.at_ms)
    local one = {count = 1, first_ms = at, last_ms = at}
    if values[4] == 'dropped' then one = cjson.decode(values[8]) end
    local all = lost[origin.org_id]
    if not all then
      lost[origin.org_id] = one
      orgs[#orgs + 1] = origin
    else
      all.count = all.count + one.count
      all.first_ms = math.min(all.first_ms, one.first_ms)
      all.last_ms = math.max(all.last_ms, one.last_ms)
    end
    call('XDEL', KEYS[6], oldest[i][1])
  end
  for _, origin in ipairs(orgs) do
    local all = lost[origin.org_id]
    local about = string.format('{"count":%.0f,"first_ms":%.0f,"last_ms":%.0f}', all.count, all.first_ms, all.last_ms)
    origin.source_id = origin.source_id .. '/dropped'
    origin.actor = 'archon'
    origin.session_id = ''
    leave(cjson.encode(origin), 'dropped', '', about)
  end
end

-- Tells of a change; 'most' is how many events the outbox may hold.
local function tell(origin, most, change, user_id, about)
  leave(origin, change, user_id, about or '')
  if call('XLEN', KEYS[6]) > tonumber(most) then make_room() end
end

-- Tells of the messages that add() stored, '' for each that was new; of an import only that the session has more.
local function tell_added(origin, most, detail, begun, user_id, stored, first_arg)
  local added = {}
  for i, json in ipairs(stored) do
    if json == '' then added[#added + 1] = ARGV[first_arg + 3 * (i - 1)] end
  end
  if #added == 0 then return end
  if detail == 'messages' then tell(origin, most, 'messages', user_id, table.concat(added, '\\n'))
  elseif not begun then tell(origin, most, 'updated', user_id) end
end
`;
