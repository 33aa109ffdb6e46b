/** One valid input for every route, with as many of its fields as go together: what hostile inputs are made from. */
import { USER, type World } from './world.ts';

export type Sample = Record<string, unknown>;

const PAST = '2026-01-02T03:04:05.000Z';
const content = { text: 'Apples from the north are sour.', detail: { sort: 'Boskoop' } };
const listFilters = {
  user_id: USER,
  tags: ['fruit'],
  created_after: PAST,
  created_before: PAST,
  text: 'apple',
  include_deleted: false,
  sort: 'newest',
  limit: 5,
};
const provenance = { source: 'test', session_id: 'talk-1', message_id: 'm1', agent: 'tester' };
const message = { message_id: 'sample-1', role: 'user', content: 'And pears?', timestamp: PAST, metadata: { a: 1 } };

export function routeSamples(world: World): Record<string, Sample> {
  const working = {
    user_id: USER,
    session_id: world.session_id,
    memory_type: 'action',
    content,
    metadata: { a: 1 },
    tags: ['fruit'],
    relevance_score: 0.5,
    created_at: PAST,
    ttl_days: 10,
  };
  const longterm = {
    user_id: USER,
    memory_type: 'fact',
    content,
    metadata: { a: 1 },
    tags: ['fruit'],
    provenance: { ...provenance, working_ids: [world.working_id] },
    importance_score: 0.5,
    pinned: true,
    created_at: PAST,
    valid_from: PAST,
  };
  const link = { from_id: world.longterm_id, to_id: world.working_id, relation: 'relates_to' };
  return {
    'sessions.create': {
      session_id: 'talk-2',
      user_id: USER,
      title: 'Pears',
      context: {
        active_project_id: 'p',
        active_task_ids: ['t'],
        mentioned_files: ['a.ts'],
        metadata: { a: 1 },
      },
      started_at: PAST,
      ttl_seconds: 600,
      messages: [message],
    },
    'sessions.list': { user_id: USER, limit: 5 },
    'sessions.get': { session_id: world.session_id, message_limit: 5 },
    'sessions.update': {
      session_id: world.session_id,
      title: 'Apples and pears',
      context: { active_task_ids: ['t'], metadata: { a: 1 } },
      ttl_seconds: 600,
    },
    'sessions.append': { session_id: world.session_id, user_id: USER, messages: [message] },
    'sessions.messages': { session_id: world.session_id, order: 'oldest_first', limit: 5 },
    'working.create': working,
    'working.createBatch': { items: [working] },
    'working.list': {
      ...listFilters,
      session_id: world.session_id,
      memory_type: ['action'],
      min_relevance: 0.1,
      include_expired: true,
    },
    'working.get': { id: world.working_id },
    'working.update': {
      id: world.working_id,
      content,
      metadata: { a: 1 },
      tags: ['fruit'],
      memory_type: 'action',
      relevance_score: 0.5,
      ttl_days: 10,
    },
    'longterm.create': longterm,
    'longterm.createBatch': { items: [longterm] },
    'longterm.list': {
      ...listFilters,
      session_id: world.session_id,
      memory_type: ['fact'],
      min_importance: 0.1,
      pinned: true,
      include_superseded: true,
      as_of: PAST,
    },
    'longterm.get': { id: world.longterm_id },
    'longterm.update': {
      id: world.longterm_id,
      metadata: { a: 1 },
      tags: ['fruit'],
      memory_type: 'fact',
      importance_score: 0.5,
      pinned: true,
    },
    'longterm.supersede': {
      id: world.longterm_id,
      content,
      metadata: { a: 1 },
      tags: ['fruit'],
      memory_type: 'fact',
      importance_score: 0.5,
      pinned: true,
      provenance,
      valid_from: PAST,
    },
    'memories.history': { id: world.longterm_id },
    'memories.bulk': { ids: [world.working_id], action: { kind: 'tag', tags: ['fruit'] } },
    'memories.link': link,
    'memories.unlink': link,
    'memories.users': { search: 'mi', limit: 5 },
    'search.query': {
      user_id: USER,
      query: 'apples',
      layers: ['working', 'longterm'],
      memory_type: ['fact', 'decision'],
      tags: ['fruit'],
      session_id: world.session_id,
      created_after: PAST,
      created_before: PAST,
      min_score: 0.1,
      as_of: PAST,
      limit: 5,
    },
    'context.assemble': {
      user_id: USER,
      session_id: world.session_id,
      query: 'apples',
      max_tokens: 4000,
      layers: { session: true, working: true, longterm: true },
    },
    'stats.user': { user_id: USER, days: 30 },
    'transfer.beginUpload': { name: 'c.jsonl', size: 10 },
    'transfer.sendChunk': { upload_id: world.upload_id, offset: 0, chunk: new File(['abc'], 'c.jsonl') },
    'transfer.import': { source: { kind: 'upload', upload_id: world.upload_id }, format: 'auto', user_id: USER },
    'transfer.export': { scope: { kind: 'user', user_id: USER } },
    'transfer.download': { job_id: world.export_job_id },
    'transfer.jobs': {},
    'transfer.job': { job_id: world.import_job_id },
    'transfer.cancel': { job_id: world.import_job_id },
    'backups.create': {},
    'health.live': {},
    'health.deep': {},
    // Last: what they take away is needed before.
    'working.delete': { id: world.working_id },
    'longterm.delete': { id: world.longterm_id },
    'sessions.delete': { session_id: world.session_id },
    'memories.erase': { user_id: USER, confirm: USER },
  };
}
