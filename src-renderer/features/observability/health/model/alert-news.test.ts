import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlertNews } from './alert-news.ts';
import type { Alert } from './alerts.ts';

const alert = (key: string, severity: Alert['severity'] = 'bad'): Alert => ({
  key,
  severity,
  subject: key,
  isMany: false,
  state: 'away',
  since: undefined,
  effects: [],
  error: undefined,
  advice: undefined,
  place: { kind: 'queues' },
  events: [],
});

/** Takes one reading after the other. @returns the news of each, by key */
function read(...readings: readonly Alert[][]): { begun: string[]; ended: string[] }[] {
  const news = new AlertNews();
  const keys = (alerts: readonly Alert[]) => alerts.map(({ key }) => key);
  return readings.map((alerts) => {
    const { begun, ended } = news.take(alerts);
    return { begun: keys(begun), ended: keys(ended) };
  });
}
const NOTHING = { begun: [], ended: [] };

describe('news of warnings', () => {
  it('tell once when one begins and once when it ends', () => {
    expect(read([], [alert('redis')], [alert('redis')], [], [])).toEqual([
      NOTHING,
      { begun: ['redis'], ended: [] },
      NOTHING,
      { begun: [], ended: ['redis'] },
      NOTHING,
    ]);
  });

  it('do not tell of what was already so at the start, but of its end', () => {
    expect(read([alert('redis')], [alert('redis')], [])).toEqual([NOTHING, NOTHING, { begun: [], ended: ['redis'] }]);
  });

  it('do not tell of what is not bad and passes by itself', () => {
    const slow = alert('log', 'warn');
    expect(read([], [slow], [], [slow], [slow], [])).toEqual([
      NOTHING,
      NOTHING,
      NOTHING,
      NOTHING,
      { begun: ['log'], ended: [] },
      { begun: [], ended: ['log'] },
    ]);
  });

  it('do not say that it is over what is hidden behind something worse', () => {
    const of = (component: 'database' | 'delivery'): Alert => ({
      ...alert(component),
      place: { kind: 'component', component },
    });
    const [database, delivery] = [of('database'), of('delivery')];
    expect(read([delivery], [database], [delivery], [database], [])).toEqual([
      NOTHING,
      { begun: ['database'], ended: [] },
      { begun: [], ended: ['database'] },
      { begun: ['database'], ended: [] },
      { begun: [], ended: ['delivery', 'database'] },
    ]);
  });

  it('tell once more of what gets bad, however often it does', () => {
    const [warning, bad] = [alert('redis', 'warn'), alert('redis')];
    expect(read([warning], [bad], [warning], [bad], [])).toEqual([
      NOTHING,
      { begun: ['redis'], ended: [] },
      NOTHING,
      NOTHING,
      { begun: [], ended: ['redis'] },
    ]);
  });

  it('do not tell of what another window has told', () => {
    const news = new AlertNews();
    const redis = alert('redis');
    // Before its own first reading a window knows nothing of news.
    news.heard({ begun: [redis], ended: [] });
    expect(news.take([])).toEqual(NOTHING);
    news.heard({ begun: [redis], ended: [] });
    expect(news.take([redis])).toEqual(NOTHING);
    news.heard({ begun: [], ended: [redis] });
    expect(news.take([])).toEqual(NOTHING);
    expect(news.take([redis])).toEqual({ begun: [redis], ended: [] });
  });

  it('begin and end in turn for each of them, whatever comes', () => {
    const reading = fc
      .subarray(['a', 'b', 'c'])
      .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom<Alert>(alert(key), alert(key, 'warn')))));
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 30 }), (readings) => {
        const news = read(...readings);
        for (const key of ['a', 'b', 'c']) {
          const isThere = (index: number) => readings[index]?.some((each) => each.key === key) ?? false;
          const isBad = (index: number) =>
            readings[index]?.some((each) => each.key === key && each.severity === 'bad') ?? false;
          let told = isThere(0);
          let toldBad = isBad(0);
          news.forEach(({ begun, ended }, index) => {
            if (begun.includes(key)) {
              // Once, and once more when it gets bad.
              expect(isThere(index) && (!told || (isBad(index) && !toldBad))).toBe(true);
              told = true;
              toldBad = isBad(index);
            }
            if (ended.includes(key)) {
              expect([told, isThere(index)]).toEqual([true, false]);
              told = false;
              toldBad = false;
            }
          });
          if (readings.length > 0 && !isThere(readings.length - 1)) expect(told).toBe(false);
        }
      }),
    );
  });
});
