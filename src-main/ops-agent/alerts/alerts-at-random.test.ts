import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsObservation } from '../../../src-contract/index.ts';
import { ada, JudgingNode, ORG, sees } from '../../../tests/support/ops-judging.ts';
import { TestClock } from '../../../tests/support/test-clock.ts';
import type { AlertChange } from '../parts.ts';

/** What is seen: a breaker, the database, late workers, each well or not, or not there. */
const sight = fc.record({
  redis: fc.constantFrom(0, 400, null),
  database: fc.constantFrom(0, 2, null),
  late: fc.constantFrom(0, 1000, null),
  slow: fc.boolean(),
});
const event = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('round' as const), sight, failed: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('restart', 'lead', 'acknowledge', 'used_up', 'quiet' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), hours: fc.integer({ min: -48, max: 48 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), minutes: fc.constantFrom(5, 60) }) },
);

function seen({
  redis,
  database,
  late,
  slow,
}: typeof sight extends fc.Arbitrary<infer S> ? S : never): OpsObservation[] {
  return [
    ...(redis === null ? [] : [sees('breaker_open_seconds', redis, { breaker: 'redis', node: 'a' })]),
    ...(database === null ? [] : [sees('component_status', database, { component: 'database', node: 'a' })]),
    ...(late === null ? [] : [sees('worker_overdue_seconds', late, { worker: 'cleanup' })]),
    sees('api_latency_p95_ms', slow ? 900 : 10, { node: 'a' }),
    sees('api_requests_per_minute', 60, { node: 'a' }),
  ];
}

/** Two nodes that share their notes; one of them leads at a time. */
class Pair {
  readonly clock = new TestClock('2026-11-30T12:00:00Z');
  readonly #nodes = [new JudgingNode(this.clock), new JudgingNode(this.clock)] as const;
  #first = true;

  get leader(): JudgingNode {
    return this.#nodes[this.#first ? 0 : 1];
  }

  get follower(): JudgingNode {
    return this.#nodes[this.#first ? 1 : 0];
  }

  share(): void {
    this.follower.takeFrom(this.leader);
    this.leader.takeFrom(this.follower);
  }

  swap(): void {
    this.share();
    this.#first = !this.#first;
  }

  close(): void {
    for (const node of this.#nodes) node.close();
  }
}

/** What was told of each fingerprint, checked as it comes. */
class Told {
  readonly firing = new Map<string, string>();
  readonly faults: string[] = [];

  hear({ what, alert }: AlertChange): void {
    const { fingerprint, id } = alert;
    const fires = this.firing.get(fingerprint);
    if (what === 'fired') {
      if (fires) this.faults.push(`${fingerprint} fired twice`);
      this.firing.set(fingerprint, id);
    }
    if (what === 'fired_again' || what === 'clearing' || what === 'resolved' || what === 'escalated') {
      if (fires !== id) this.faults.push(`${fingerprint} ${what} without having fired`);
    }
    if (what === 'dropped' && fires) this.faults.push(`${fingerprint} dropped while it fires`);
    if (what === 'resolved') this.firing.delete(fingerprint);
  }
}

describe('whatever is seen, whoever leads and whenever it is restarted', () => {
  it('each alert is told of once when it fires and once when it is over, and there is one of each', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 40 }), (events) => {
        const pair = new Pair();
        const told = new Told();
        const round = (observations: OpsObservation[], failed: boolean) => {
          const changes = pair.leader.round(observations, { failed: failed ? ['health', 'worker'] : [] });
          for (const change of changes) told.hear(change);
          const prints = pair.leader.alerts.active(ORG).map(({ fingerprint }) => fingerprint);
          if (new Set(prints).size < prints.length) told.faults.push('two of one fingerprint');
        };
        try {
          for (const one of events) {
            switch (one.do) {
              case 'round':
                round(seen(one.sight), one.failed);
                break;
              case 'restart':
                pair.leader.restart();
                break;
              case 'lead':
                pair.swap();
                break;
              case 'clock':
                pair.clock.advance({ ms: one.hours * 3_600_000 });
                break;
              case 'limit':
                pair.leader.set({ 'alerts.breaker_open_minutes': one.minutes });
                pair.follower.set({ 'alerts.breaker_open_minutes': one.minutes });
                break;
              case 'acknowledge': {
                pair.share();
                const [alert] = pair.follower.alerts.active(ORG);
                if (alert) pair.follower.alerts.acknowledge(ada, { alert: alert.id });
                pair.share();
                break;
              }
              case 'used_up':
                for (const { id } of pair.leader.alerts.active(ORG)) pair.leader.alerts.attemptsUsedUp(ORG, id);
                break;
              case 'quiet':
                round([], false);
                break;
            }
          }
          // Once all is well for long enough nothing is left, of what flapped too.
          for (let count = 0; count < 33; count += 1) round([], false);
          pair.share();
          expect(told.faults).toEqual([]);
          expect([...told.firing]).toEqual([]);
          expect(pair.leader.alerts.active(ORG)).toEqual([]);
          expect(pair.follower.alerts.active(ORG)).toEqual([]);
        } finally {
          pair.close();
        }
      }),
      { numRuns: 25 },
    );
  });
});
