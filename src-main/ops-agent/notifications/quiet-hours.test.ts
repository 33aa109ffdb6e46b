import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quietUntil } from './quiet-hours.ts';

const at = (time: string) => Date.parse(`2026-01-05T${time}Z`);
const night = { from: '22:00', to: '06:00', time_zone: 'Europe/Berlin' };

it.each([
  ['20:59:59', null],
  ['21:00:00', '2026-01-06T05:00:00Z'],
  ['23:30:15', '2026-01-06T05:00:00Z'],
  ['04:59:59', '2026-01-05T05:00:00Z'],
  ['05:00:00', null],
])('at %s UTC the night of Berlin ends %s', (time, end) => {
  expect(quietUntil(night, at(time))).toBe(end === null ? null : Date.parse(end));
});

it('lasts all day where it ends when it begins', () => {
  const always = { from: '08:00', to: '08:00', time_zone: 'UTC' };
  expect(quietUntil(always, at('08:00:00'))).toBe(Date.parse('2026-01-06T08:00:00Z'));
  expect(quietUntil(always, at('07:59:00'))).toBe(at('08:00:00'));
});

it('always ends within a day', () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  const time = minute.map(
    (of) => `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`,
  );
  const zone = fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia');
  fc.assert(
    fc.property(time, time, zone, fc.integer({ min: 0, max: 4e12 }), (from, to, time_zone, now_ms) => {
      const until = quietUntil({ from, to, time_zone }, now_ms);
      if (until === null) return;
      expect(until).toBeGreaterThan(now_ms);
      expect(until - now_ms).toBeLessThanOrEqual(86_400_000);
    }),
  );
});
