/** The log for people at a terminal: a line for an entry, instead of its JSON. */
import { styleText } from 'node:util';
import { safeText } from './output.ts';

export interface LogLineOptions {
  colour: boolean;
  /** Adds where an error came from. */
  stacks: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Numbers of pino. https://github.com/pinojs/pino/blob/main/docs/api.md#loggerlevels-object */
const LEVELS: Readonly<Record<number, readonly [name: string, style: Style]>> = {
  10: ['trace', 'dim'],
  20: ['debug', 'dim'],
  30: ['info', 'cyan'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
  60: ['fatal', 'red'],
};
/** Said otherwise, or of no use to somebody who sees the process. */
const LEFT_OUT = new Set(['id', 'level', 'time', 'pid', 'hostname', 'msg', 'err']);
const MAX_FACT_LENGTH = 100;

/** What to print for a line of pino, with its line break; a line that is none of pino's stays what it is. */
export function readableLogLine(json: string, options: LogLineOptions): string {
  const entry = parse(json);
  if (entry === undefined) return json;
  const paint = (style: Style, text: string) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text;
  const [level, style] = LEVELS[Number(entry.level)] ?? [String(entry.level), 'dim'];
  const error = errorOf(entry.err);
  const message = [entry.msg, error?.message].filter((part) => typeof part === 'string' && part !== '');
  const facts = Object.entries(entry)
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, value]) => `${name}=${fact(value)}`);
  const parts = [
    paint('dim', clockTime(entry.time)),
    paint(style, level.padEnd(5)),
    // The same words twice, when somebody logs an error by its own message, help nobody.
    safeText([...new Set(message)].join(': ')),
    paint('dim', safeText(facts.join(' '))),
  ];
  const line = parts.filter((part) => part !== '').join('  ');
  return options.stacks && error?.stack ? `${line}\n${safeText(error.stack)}\n` : `${line}\n`;
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(json);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(err: unknown): { message?: unknown; stack?: string } | undefined {
  if (typeof err !== 'object' || err === null) return undefined;
  const { message, stack } = err as { message?: unknown; stack?: unknown };
  return { message, ...(typeof stack === 'string' ? { stack } : {}) };
}

function fact(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_FACT_LENGTH ? `${text.slice(0, MAX_FACT_LENGTH - 1)}…` : text;
}

/** Of this place's day: whoever reads it sits there. */
function clockTime(time: unknown): string {
  return typeof time === 'number' ? new Date(time).toLocaleTimeString('en-GB') : '';
}
