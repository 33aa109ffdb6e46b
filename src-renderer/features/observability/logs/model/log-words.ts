/** Entries in words: as one line, and as text for the clipboard. */
import type { LogEntry, LogLevel } from '../../../../../src-contract/index.ts';
import type { Tone } from '../../../../ui/Badge.tsx';

export function toneOf(level: LogLevel): Tone {
  switch (level) {
    case 'fatal':
    case 'error':
      return 'bad';
    case 'warn':
      return 'warn';
    case 'info':
      return 'accent';
    case 'debug':
    case 'trace':
      return 'plain';
  }
}

/** What happened and why: an error that is logged by its own message says it once. */
export function sentenceOf({ message, error }: LogEntry): string {
  if (error === null || error.message === '' || error.message === message) return message;
  return message === '' ? error.message : `${message}: ${error.message}`;
}

/** The other members, as `name=value`. */
export function factsOf({ fields }: LogEntry): string {
  // Which request it was is of interest only when somebody looks for it.
  const { request_id, ...others } = fields;
  return Object.entries(request_id === undefined ? others : { ...others, request_id })
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** For a message to somebody else: time, level, component, what happened, and the stack below it. */
export function lineOf(entry: LogEntry): string {
  const { created_at, level, component, error } = entry;
  const line = [created_at, level.toUpperCase().padEnd(5), component, sentenceOf(entry), factsOf(entry)];
  const text = line.filter((part) => part !== '').join('  ');
  return error?.stack ? `${text}\n${error.stack}` : text;
}
