/** Names of the charts and of their sections, as they stand in the URL. */
export const SECTION_IDS = ['api', 'contexts', 'events', 'services', 'resources'] as const;
export type SectionId = (typeof SECTION_IDS)[number];

export const CHART_IDS = [
  'api_latency',
  'api_requests',
  'contexts',
  'context_assembly',
  'context_tokens',
  'cache_hit_rate',
  'events',
  'dead_letters',
  'dead_letter_age',
  'queue_depth',
  'backlog',
  'breaker_state',
  'worker_duration',
  'cpu',
  'memory',
  'event_loop_lag',
  'database_pool',
  'disk_free',
] as const;
export type ChartId = (typeof CHART_IDS)[number];
