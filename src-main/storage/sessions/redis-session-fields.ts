/** The fields of a session's hash in Redis. */

/** Members of the context, each a field of its own, so that a change of one leaves the others alone. */
export const CONTEXT_FIELDS = ['active_project_id', 'active_task_ids', 'mentioned_files', 'metadata'] as const;
/** Those that come with the record, in the order scripts take them; title and context are JSON. */
export const RECORD_FIELDS = [
  'user_id',
  'title',
  ...CONTEXT_FIELDS,
  'started_at',
  'last_accessed_at',
  'expires_at',
  'ttl_seconds',
] as const;
/** What a session is begun with: `follows_ttl` is `1` when its time to live is that of the settings. Not answered. */
export const STORED_FIELDS = [...RECORD_FIELDS, 'follows_ttl'] as const;
/** All that are answered, in the order scripts answer them. */
export const SESSION_FIELDS = [...RECORD_FIELDS, 'message_count', 'token_count'] as const;
