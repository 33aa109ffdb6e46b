import { describe, expect, it } from 'vitest';
import type { WebhookDelivery } from '../../../../src-contract/index.ts';
import { healthOf, outcomeWords } from './webhook-health.ts';

const delivery = (outcome: WebhookDelivery['outcome']): WebhookDelivery => ({
  id: '019b0000-0000-7000-8000-000000000001',
  webhook_id: '019b0000-0000-7000-8000-000000000002',
  event_id: '1',
  event_type: 'memory.imported',
  attempt: 1,
  at: '2026-03-01T10:00:00.000Z',
  duration_ms: 12,
  outcome,
});
const ok = delivery({ kind: 'accepted', status: 200, excerpt: '' });
const bad = delivery({ kind: 'refused', status: 500, excerpt: '' });
const away = delivery({ kind: 'failed', reason: 'connect ECONNREFUSED' });

describe('the health of a webhook', () => {
  it('is unknown before its first request', () => expect(healthOf([])).toEqual({ kind: 'unknown' }));

  it('is well after a request that was accepted, whatever was before', () => {
    expect(healthOf([ok, bad, bad])).toEqual({ kind: 'well', last: ok });
  });

  it('counts what failed since the last good request', () => {
    expect(healthOf([away, bad, ok, bad])).toEqual({ kind: 'failing', last: away, count: 2, atLeast: false });
    expect(healthOf([bad, bad], true)).toEqual({ kind: 'failing', last: bad, count: 2, atLeast: true });
  });

  it('is told in words', () => {
    expect([ok, bad, away].map(outcomeWords)).toEqual(['accepted with 200', 'refused with 500', 'no answer']);
  });
});
