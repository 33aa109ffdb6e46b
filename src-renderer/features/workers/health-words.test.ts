import { describe, expect, it } from 'vitest';
import { at, sampleHealth, sampleNode, sampleRun, sampleWorker } from '../../../tests/support/worker-samples.ts';
import { healthWords, percent } from './health-words.ts';

const five = ['consolidation', 'cleanup', 'session-cleanup', 'event-retry', 'retention'].map((name) =>
  sampleWorker({ name, title: name }),
);
const failing = sampleWorker({
  state: { state: 'backing_off', until: at(5000), failures: 2, error: 'no\u0007 disk' },
  recent_runs: [sampleRun(2), sampleRun(1, { status: 'failed', ended_at: at(-9000) })],
});
const crashed = sampleWorker({
  name: 'cleanup',
  title: 'Cleanup',
  state: { state: 'crashed', since: at(-1000), failures: 10, error: 'no table', next_run_at: null },
});

describe('how the workers are', () => {
  it('is one sentence when they are well', () => {
    expect(healthWords(sampleHealth(five), five)).toEqual({
      tone: 'ok',
      sentence: 'All 5 workers are well.',
      problems: [],
    });
  });

  it('names those that are paused, since nobody may remember it', () => {
    const paused = sampleWorker({ state: { state: 'paused', since: at(0), by: 'ops', runs: 0 } });
    const workers = [paused, ...five.slice(1)];
    expect(healthWords(sampleHealth(workers), workers).sentence).toBe(
      'All 5 workers are well. Consolidation is paused.',
    );
  });

  it('says of one that fails since when, why, and that it is tried again', () => {
    const { tone, sentence, problems } = healthWords(sampleHealth([failing, five[1] ?? crashed]), [failing]);
    expect(tone).toBe('warn');
    expect(sentence).toBe('1 of 2 workers is not well.');
    expect(problems).toMatchObject([
      { what: 'Consolidation fails.', since: at(-9000), error: 'no␇ disk', worker: 'consolidation' },
    ]);
    expect(problems[0]?.todo).toMatch(/tried again by itself/);
  });

  it('says of one that is out of service to restart it', () => {
    const { tone, problems } = healthWords(sampleHealth([crashed]), [crashed]);
    expect(tone).toBe('bad');
    expect(problems).toMatchObject([{ what: 'Cleanup is out of service.', since: at(-1000), error: 'no table' }]);
    expect(problems[0]?.todo).toMatch(/restart it/);
  });

  it('goes by what the engine says of one that the list does not show as ill yet', () => {
    const { problems } = healthWords(sampleHealth([failing]), [sampleWorker()]);
    expect(problems[0]?.what).toBe('Consolidation: It is as it is.');
  });

  it('says of one that no node is there for that, and not what failed before', () => {
    const alone = { ...failing, nodes: [] };
    const { problems } = healthWords(sampleHealth([alone]), [alone]);
    expect(problems[0]).toMatchObject({
      what: 'Consolidation: It is as it is.',
      error: undefined,
      todo: 'It runs as soon as a node begins it.',
    });
  });

  it('names the setting when nobody runs workers', () => {
    const health = sampleHealth(five, { status: 'unhealthy', nodes: { live: 0, lost: 0 }, unassigned: 1 });
    const { tone, sentence, problems } = healthWords(health, five);
    expect({ tone, sentence }).toEqual({ tone: 'bad', sentence: 'No process runs workers.' });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.todo).toMatch(/workers\.enabled/);
  });

  it('says since when a node is lost, and which part of the users is left alone', () => {
    const health = sampleHealth(five, { status: 'degraded', nodes: { live: 1, lost: 1 }, unassigned: 0.25 });
    const nodes = [sampleNode(1), sampleNode(2, { status: 'lost', heartbeat_at: at(-50_000) })];
    const { sentence, problems } = healthWords(health, five, nodes);
    expect(sentence).toBe('The workers are well, but nobody works for some of the users.');
    expect(problems.map(({ what, since }) => ({ what, since }))).toEqual([
      { what: '1 node is not heard of; the others have taken over what they may.', since: at(-50_000) },
      { what: 'No node is there for 25 % of the users.', since: undefined },
    ]);
  });
});

describe('a share in percent', () => {
  it.each([
    [0, '0 %'],
    [0.001, '< 1 %'],
    [0.5, '50 %'],
    [0.999, '> 99 %'],
    [1, '100 %'],
  ])('of %d is %s', (share, words) => {
    expect(percent(share)).toBe(words);
  });
});
