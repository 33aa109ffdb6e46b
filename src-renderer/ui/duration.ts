const SECOND_MS = 1000;
const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** How long something took: `85 ms`, `1.2 s`, `12 s`, then as {@link longDuration}. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  return longDuration(ms);
}

/** In whole seconds and the two largest units that say something: `0 s`, `3 min 4 s`, `2 h`, `3 d 4 h`. */
export function longDuration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / SECOND_MS));
  const first = UNITS.findIndex(({ seconds }) => rest >= seconds);
  if (first < 0) return '0 s';
  const parts: string[] = [];
  for (const { name, seconds } of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}
