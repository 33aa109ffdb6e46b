/** A test through a channel: sent at once, not queued, and answered with what came of it. */
import { v7 as uuidv7 } from 'uuid';
import type { OpsDelivery } from '../../../src-contract/index.ts';
import { SendFailure } from '../../alerting/send-failure.ts';
import { isoTime } from '../../clock.ts';
import type { OpsDeps } from '../deps.ts';
import type { Channel } from './channel.ts';
import type { ChannelOutlet } from './channel-outlet.ts';
import { testMessage } from './messages/message.ts';
import { repeatMs } from './timing.ts';

interface TestDeps extends Pick<OpsDeps, 'clock' | 'settings' | 'records'> {
  outlet: ChannelOutlet;
  org_id: string;
}

export async function sendTest(channel: Channel, deps: TestDeps): Promise<OpsDelivery> {
  const { clock, records, org_id } = deps;
  const at_ms = clock.now();
  const id = uuidv7();
  const message = testMessage(id, channel.draft.name, at_ms);
  const began = performance.now();
  const error = await failureOf(channel, message, deps);
  const at = isoTime(clock.now());
  const delivery: OpsDelivery = {
    id,
    channel_id: channel.id,
    channel_name: channel.draft.name,
    kind: channel.draft.target.kind,
    about: 'test',
    severity: null,
    subject: message.subject,
    alert_ids: [],
    state:
      error === undefined
        ? { state: 'sent', attempts: 1, at }
        : { state: 'failed', attempts: 1, at, error, fallback: null },
    why: [`Somebody sent a test through “${channel.draft.name}”.`],
    created_at: isoTime(at_ms),
    duration_ms: Math.round(performance.now() - began),
  };
  const work = { rule_id: null, items: [], begun: true, attempts: 1, claim: null, tried: [], report: null };
  records.put(org_id, 'delivery', { id, at_ms, open: false, document: { ...delivery, work } });
  return delivery;
}

/** Why it could not be sent, in words; undefined when it was. */
async function failureOf(
  { route, problem }: Channel,
  message: ReturnType<typeof testMessage>,
  { clock, settings, outlet, org_id }: TestDeps,
): Promise<string | undefined> {
  if (route === undefined) return problem ?? 'It cannot be sent through.';
  const config = settings.of(org_id);
  try {
    await outlet.send(route, message, {
      now_ms: clock.now(),
      allow_private: config['events.webhooks_allow_private'],
      repeat_ms: repeatMs(config),
    });
    return undefined;
  } catch (error) {
    if (error instanceof SendFailure) return error.message;
    throw error;
  }
}
