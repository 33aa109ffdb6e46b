/** Which entries somebody wants to see. */
import type { ParsedInputs } from '../../../src-contract/index.ts';
import { componentOf, type LogRecord, levelNumber } from './log-record.ts';

export type LogFilter = Pick<ParsedInputs['logs']['tail'], 'level' | 'components' | 'text'> &
  Partial<Pick<ParsedInputs['logs']['list'], 'from' | 'to'>>;

export function matcher({ level, components, text, from, to }: LogFilter): (record: LogRecord) => boolean {
  const least = level === undefined ? 0 : levelNumber(level);
  const wanted = components && new Set(components);
  const words = text?.toLowerCase();
  const [from_ms, to_ms] = [from, to].map((time) => (time === undefined ? undefined : Date.parse(time)));
  return (record) =>
    record.level >= least &&
    (from_ms === undefined || record.time >= from_ms) &&
    (to_ms === undefined || record.time < to_ms) &&
    (wanted === undefined || wanted.has(componentOf(record.fields))) &&
    (words === undefined || words === '' || says(record.fields, words));
}

/** Members of pino's own are no text of an entry. */
const UNSAID = new Set(['id', 'level', 'time', 'pid', 'hostname']);

function says(fields: LogRecord['fields'], words: string): boolean {
  return Object.entries(fields).some(([name, value]) => !UNSAID.has(name) && holds(name, value, words));
}

function holds(name: string, value: unknown, words: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(words);
  if (typeof value !== 'object' || value === null) return `${name}=${value}`.toLowerCase().includes(words);
  return Object.entries(value).some(([inner, member]) => holds(inner, member, words));
}
