import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsAlert } from '../../../../src-contract/index.ts';
import { sampleAlert } from '../../../../tests/support/ops-samples.ts';
import { CriticalWatch } from './critical-news.ts';

const disk = sampleAlert(1, { severity: 'critical', signal: 'disk_percent' });
const journal = sampleAlert(2, { severity: 'critical', signal: 'journal_growth' });
const ids = (alerts: readonly OpsAlert[]) => alerts.map(({ id }) => id);

describe('news of critical alerts', () => {
  it('are none of what fires when the app is opened', () => {
    expect(new CriticalWatch().take([disk])).toEqual({ begun: [], ended: [] });
  });

  it('tell of each once when it fires, and once when it is over', () => {
    const watch = new CriticalWatch();
    watch.take([]);
    expect(watch.take([disk])).toEqual({ begun: [disk], ended: [] });
    expect(watch.take([disk, journal])).toEqual({ begun: [journal], ended: [] });
    expect(watch.take([journal])).toEqual({ begun: [], ended: [disk] });
    expect(watch.take([journal])).toEqual({ begun: [], ended: [] });
  });

  it('leave to the watch of the health what that tells of at once', () => {
    const watch = new CriticalWatch();
    watch.take([]);
    const told = [sampleAlert(3, { signal: 'component_status' }), sampleAlert(4, { signal: 'breaker_open_seconds' })];
    expect(watch.take(told)).toEqual({ begun: [], ended: [] });
    expect(watch.take([])).toEqual({ begun: [], ended: [] });
  });

  it('are none of what is kept quiet, until it is not any more', () => {
    const watch = new CriticalWatch();
    watch.take([]);
    expect(watch.take([{ ...disk, silenced_by: journal.id }]).begun).toEqual([]);
    expect(watch.take([{ ...disk, acknowledged: { by: 'ada', at: disk.started_at, note: null } }]).begun).toEqual([]);
    expect(ids(watch.take([disk]).begun)).toEqual([disk.id]);
  });

  it('are not told again when another window has told of them', () => {
    const [one, other] = [new CriticalWatch(), new CriticalWatch()];
    one.take([]);
    other.take([]);
    other.heard(one.take([disk]));
    expect(other.take([disk])).toEqual({ begun: [], ended: [] });
    expect(other.take([])).toEqual({ begun: [], ended: [] });
    expect(ids(one.take([]).ended)).toEqual([disk.id]);
  });

  it('never tell twice of one, nor of an end without its beginning', () => {
    const alerts = [disk, journal, sampleAlert(5, { severity: 'critical', signal: 'backup_age_seconds' })];
    fc.assert(
      fc.property(fc.array(fc.subarray(alerts), { maxLength: 20 }), (readings) => {
        const watch = new CriticalWatch();
        const open = new Set<string>();
        for (const reading of readings) {
          const { begun, ended } = watch.take(reading);
          for (const { id } of ended) expect(open.delete(id)).toBe(true);
          for (const { id } of begun) {
            expect(open.has(id)).toBe(false);
            open.add(id);
          }
        }
      }),
    );
  });
});
