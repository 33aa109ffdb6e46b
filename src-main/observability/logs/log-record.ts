/** One line of the log: JSON of pino with an id, and the entry that is shown of it. */
import type { JsonObject, JsonValue, LogEntry, LogLevel } from '../../../src-contract/index.ts';

/** A line as it is kept. */
export interface LogRecord {
  id: number;
  level: number;
  time: number;
  fields: JsonObject;
}

/** Numbers of pino. https://github.com/pinojs/pino/blob/main/docs/api.md#loggerlevels-object */
const LEVEL_NUMBERS: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
};
/** Nothing is as bad as this. */
const SILENT = 100;
/** Told as members of the entry, or of no use in it. */
const NOT_FIELDS = new Set(['id', 'level', 'time', 'pid', 'hostname', 'component', 'msg', 'err']);
/** Ids are times in microseconds, so they need no counter to be kept. */
const PER_MS = 1000;

export const levelNumber = (level: LogLevel | 'silent'): number => (level === 'silent' ? SILENT : LEVEL_NUMBERS[level]);

export function levelOf(number: number): LogLevel {
  const names = Object.keys(LEVEL_NUMBERS) as LogLevel[];
  return names.findLast((name) => LEVEL_NUMBERS[name] <= number) ?? 'trace';
}

/** The first id there can be at a time. */
export const idAt = (ms: number): number => ms * PER_MS;

/** @returns undefined for what is no entry */
export function parseRecord(line: string): LogRecord | undefined {
  const fields = parseObject(line);
  if (fields === undefined) return undefined;
  const { level, time, id } = fields;
  if (typeof level !== 'number' || !isTime(time)) return undefined;
  // Lines of versions before this one have none.
  return { id: isId(id) ? id : idAt(time), level, time, fields };
}

/** A line from elsewhere may say anything; a time is one whose id can be told as well. */
const isTime = (value: JsonValue | undefined): value is number => isId(value) && Number.isSafeInteger(idAt(value));

const isId = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export function parseObject(line: string): JsonObject | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function entryOf({ id, level, time, fields }: LogRecord): LogEntry {
  const others = Object.entries(fields).filter(([name]) => !NOT_FIELDS.has(name));
  return {
    id: String(id),
    created_at: new Date(time).toISOString(),
    level: levelOf(level),
    component: componentOf(fields),
    message: textOf(fields.msg) ?? '',
    error: errorOf(fields.err),
    fields: Object.fromEntries(others),
  };
}

export const componentOf = ({ component }: JsonObject): string => textOf(component) ?? 'engine';

export const textOf = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);

function errorOf(err: JsonValue | undefined): LogEntry['error'] {
  if (!isObject(err)) return null;
  return {
    type: textOf(err.type),
    message: textOf(err.message) ?? '',
    code: textOf(err.code),
    stack: textOf(err.stack),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
