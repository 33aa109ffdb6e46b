/** A time span as a person types it: a number and its unit. Pure. */

export const SPAN_UNITS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
export type SpanUnit = keyof typeof SPAN_UNITS;
export const SPAN_UNIT_NAMES = Object.keys(SPAN_UNITS) as SpanUnit[];

export interface SpanInput {
  count: string;
  unit: SpanUnit;
}

/** In the largest unit that holds it whole. */
export function spanInput(seconds: number): SpanInput {
  const unit = SPAN_UNIT_NAMES.findLast((name) => seconds >= SPAN_UNITS[name] && seconds % SPAN_UNITS[name] === 0);
  return { count: String(seconds / SPAN_UNITS[unit ?? 'seconds']), unit: unit ?? 'seconds' };
}

/** Not a number for what is none. */
export const secondsOf = ({ count, unit }: SpanInput): number => numberOf(count) * SPAN_UNITS[unit];

/** Not a number for what is none; a comma stands for a point. */
export function numberOf(typed: string): number {
  const text = typed.trim().replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : Number.NaN;
}
