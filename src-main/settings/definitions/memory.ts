/** What memory keeps, for how long, and what of it agents are given. */
import { DEFAULT_CONTROLS, MAX_CONTEXT_TOKENS, MIN_CONTEXT_TOKENS } from '../../../src-contract/index.ts';
import { settingsOf } from './define.ts';

const { toggle, number, choice } = settingsOf('memory', 'org');
const user = { scope: 'user' } as const;
const fraction = { min: 0, max: 1, step: 0.05, fractions: true };

/** PostgreSQL's own text search configurations that every server has. */
const LANGUAGES = {
  simple: 'None: words as they are',
  danish: 'Danish',
  dutch: 'Dutch',
  english: 'English',
  finnish: 'Finnish',
  french: 'French',
  german: 'German',
  hungarian: 'Hungarian',
  italian: 'Italian',
  norwegian: 'Norwegian',
  portuguese: 'Portuguese',
  romanian: 'Romanian',
  russian: 'Russian',
  spanish: 'Spanish',
  swedish: 'Swedish',
  turkish: 'Turkish',
};

export const MEMORY_KEYS = {
  'memory.enabled': toggle(
    'ARCHON_MEMORY_ENABLED',
    DEFAULT_CONTROLS.enabled,
    ['Memory', 'Give agents context from memory. Off: contexts are empty; what agents say is kept all the same.'],
    { ...user, risk: 'Agents are given no context from memory while it is off.' },
  ),
  'memory.layers.session': toggle(
    'ARCHON_MEMORY_LAYERS_SESSION',
    DEFAULT_CONTROLS.layers.session,
    ['Session layer', 'Put messages of the session into contexts.'],
    user,
  ),
  'memory.layers.working': toggle(
    'ARCHON_MEMORY_LAYERS_WORKING',
    DEFAULT_CONTROLS.layers.working,
    ['Working layer', 'Put working memories into contexts.'],
    user,
  ),
  'memory.layers.longterm': toggle(
    'ARCHON_MEMORY_LAYERS_LONGTERM',
    DEFAULT_CONTROLS.layers.longterm,
    ['Long-term layer', 'Put long-term memories into contexts.'],
    user,
  ),
  'memory.max_tokens': number(
    'ARCHON_MEMORY_MAX_TOKENS',
    DEFAULT_CONTROLS.max_tokens,
    { min: MIN_CONTEXT_TOKENS, max: MAX_CONTEXT_TOKENS, unit: 'tokens', step: 500 },
    ['Largest context', 'Tokens a context may have at most; a request may ask for less.'],
    user,
  ),
  'memory.session_ttl_minutes': number(
    'ARCHON_SESSION_TTL_MINUTES',
    60,
    { min: 1, max: 525_600, unit: 'minutes' },
    ['Session lifetime', 'Minutes a session lives after its last access.'],
    { risk: 'A shorter time ends sessions sooner; what they hold is gone with them.' },
  ),
  'memory.working_ttl_days': number('ARCHON_WORKING_TTL_DAYS', 14, { min: 7, max: 30, unit: 'days', step: 1 }, [
    'Working memory lifetime',
    'Days a working memory lives.',
  ]),
  'memory.longterm_min_importance': number('ARCHON_LONGTERM_MIN_IMPORTANCE', 0, fraction, [
    'Importance threshold',
    'Long-term memories whose importance has faded below it are left out of contexts, unless they are pinned; search finds them.',
  ]),
  'memory.relevance_half_life_days': number(
    'ARCHON_RELEVANCE_HALF_LIFE_DAYS',
    7,
    { min: 0.1, max: 3650, unit: 'days', fractions: true },
    ['Half-life of relevance', 'Days in which the relevance of a working memory halves.'],
  ),
  'memory.importance_half_life_days': number(
    'ARCHON_IMPORTANCE_HALF_LIFE_DAYS',
    180,
    { min: 1, max: 36_500, unit: 'days', fractions: true },
    [
      'Half-life of importance',
      'Days without access in which a long-term memory halves its weight in ranking; a pinned one keeps it.',
    ],
  ),
  'memory.search_language': choice('ARCHON_SEARCH_LANGUAGE', 'english', LANGUAGES, [
    'Language of search',
    'Language whose word forms search knows.',
  ]),
  'memory.reserve_session': number('ARCHON_RESERVE_SESSION', 0.5, fraction, [
    'Reserve for the session',
    'Share of the context budget kept for session messages.',
  ]),
  'memory.reserve_longterm': number('ARCHON_RESERVE_LONGTERM', 0.3, fraction, [
    'Reserve for long-term memory',
    'Share of the context budget kept for long-term memories.',
  ]),
  'memory.reserve_working': number('ARCHON_RESERVE_WORKING', 0.2, fraction, [
    'Reserve for working memory',
    'Share of the context budget kept for working memories.',
  ]),
};
