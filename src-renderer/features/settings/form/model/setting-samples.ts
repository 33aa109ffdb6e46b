/** Settings for tests. */
import type { Setting } from '../../../../../src-contract/index.ts';

export const ttl: Setting = {
  key: 'memory.session_ttl_minutes',
  section: 'memory',
  title: 'Session lifetime',
  help: 'Minutes a session lives after its last access.',
  kind: { kind: 'number', integer: true, min: 1, max: 525_600, unit: 'minutes', step: null },
  scope: 'org',
  env: 'ARCHON_SESSION_TTL_MINUTES',
  default: 60,
  value: 60,
  inherited: 60,
  is_set: false,
  source: { kind: 'default' },
  locked: null,
  waits: false,
  needs_restart: false,
  risk: null,
  revision: 'a',
};

export const sample = (patch: Partial<Setting>): Setting => ({ ...ttl, ...patch });

export const url = sample({
  key: 'llm.url',
  section: 'llm',
  title: 'URL',
  help: 'Address of the service.',
  kind: { kind: 'text', format: 'url', nullable: true },
  env: 'ARCHON_LLM_URL',
  default: null,
  value: null,
  inherited: null,
});

export const apiKey = sample({
  key: 'llm.api_key',
  section: 'llm',
  title: 'API key',
  help: 'Key for the service.',
  kind: { kind: 'secret' },
  env: 'ARCHON_LLM_API_KEY',
  default: null,
  value: null,
  inherited: null,
});

export const enabled = sample({
  key: 'memory.enabled',
  title: 'Memory',
  help: 'Give agents context.',
  kind: { kind: 'switch' },
  env: 'ARCHON_MEMORY_ENABLED',
  scope: 'user',
  default: true,
  value: true,
  inherited: true,
});

export const origins = sample({
  key: 'server.allowed_origins',
  section: 'api',
  title: 'Allowed origins',
  help: 'Origins of web pages.',
  kind: { kind: 'list', item: 'origin' },
  env: 'ARCHON_ALLOWED_ORIGINS',
  default: [],
  value: [],
  inherited: [],
});
