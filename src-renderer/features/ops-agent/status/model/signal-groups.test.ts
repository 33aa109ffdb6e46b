import { describe, expect, it } from 'vitest';
import type { OpsObservation } from '../../../../../src-contract/index.ts';
import { signalGroups } from './signal-groups.ts';

const OBSERVATIONS: readonly OpsObservation[] = [
  { signal: 'disk_percent', labels: { node: 'b' }, value: 86, detail: null },
  { signal: 'component_status', labels: { component: 'redis', node: 'b' }, value: 2, detail: 'connection refused' },
  { signal: 'component_status', labels: { component: 'database', node: 'b' }, value: 0, detail: null },
  { signal: 'breaker_open_seconds', labels: { breaker: 'redis', node: 'b' }, value: 12, detail: null },
];
const names = (find: string) =>
  signalGroups(OBSERVATIONS, find).map(({ monitor, observations }) => [
    monitor,
    ...observations.map(({ signal, labels }) => `${signal} ${labels.component ?? ''}`.trim()),
  ]);

describe('groups of signals', () => {
  it('stand by monitor, in the order of the monitors', () => {
    expect(names('')).toEqual([
      ['health', 'breaker_open_seconds', 'component_status database', 'component_status redis'],
      ['resources', 'disk_percent'],
    ]);
  });

  it('hold what has every word somewhere: name, labels, value, detail', () => {
    expect(names('redis STATUS')).toEqual([['health', 'component_status redis']]);
    expect(names('86 %')).toEqual([['resources', 'disk_percent']]);
    expect(names('refused')).toEqual([['health', 'component_status redis']]);
    expect(names('no such thing')).toEqual([]);
  });
});
