/** Paths of log entries whose values are secrets. https://getpino.io/#/docs/redaction */
export const LOG_REDACTION = ['token', '*.token', 'authorization', '*.authorization', '*.password', 'err.config'];
