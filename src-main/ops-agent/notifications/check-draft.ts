/** What of a channel its schema cannot judge alone. */
import type { OpsChannelDraft } from '../../../src-contract/index.ts';
import { invalidField } from '../../errors.ts';
import { isTimeZone } from '../../time-zone.ts';
import type { Channel } from './channel.ts';
import { checkTemplate } from './messages/template-body.ts';
import { takesReports } from './messages/webhook-bodies.ts';
import { urlFault } from './resolve-channel.ts';

/** @throws ArchonError VALIDATION_FAILED that names the field */
export function checkDraft(draft: OpsChannelDraft, { allow_private }: { allow_private: boolean }): void {
  const { target, quiet_hours } = draft;
  if (quiet_hours !== null && !isTimeZone(quiet_hours.time_zone)) {
    throw invalidField('draft.quiet_hours.time_zone', 'must be the name of a time zone such as Europe/Berlin');
  }
  if ('url' in target && typeof target.url === 'string') {
    const fault = urlFault(target.url, { allow_private });
    if (fault !== undefined) throw invalidField('draft.target.url', fault);
  }
  if (target.kind !== 'webhook') return;
  if (target.preset === 'template') checkTemplate(target.template);
  if (draft.send_reports && !takesReports(target.preset)) {
    throw invalidField('draft.send_reports', `must be off: ${target.preset} takes alerts, no reports`);
  }
}

/**
 * The key of PagerDuty is sent as it is: one that is kept does not go where it was not entered for.
 *
 * @throws ArchonError VALIDATION_FAILED
 */
export function checkKept({ target }: OpsChannelDraft, known: Channel): void {
  const before = known.draft.target;
  if (target.kind !== 'webhook' || target.preset !== 'pagerduty' || target.secret !== undefined) return;
  if (before.kind !== 'webhook' || known.sealed.secret === undefined) return;
  if (before.preset === 'pagerduty' && typeof target.url !== 'string') return;
  throw invalidField('draft.target.secret', 'must be entered again: what is kept is sent nowhere but where it was');
}

/** @throws ArchonError VALIDATION_FAILED */
export function checkAmong(id: string, draft: OpsChannelDraft, channels: readonly Channel[]): void {
  const others = channels.filter((other) => other.id !== id);
  const name = draft.name.toLowerCase();
  if (others.some((other) => other.draft.name.toLowerCase() === name)) {
    throw invalidField('draft.name', 'is the name of another channel: choose one of its own');
  }
  checkFallback(id, draft, others);
}

function checkFallback(id: string, draft: OpsChannelDraft, others: readonly Channel[]): void {
  const way = [id];
  for (let next = draft.fallback; next !== null; ) {
    if (way.includes(next)) {
      throw invalidField('draft.fallback', 'leads back to this channel: a message would go round for ever');
    }
    const channel = others.find((other) => other.id === next);
    if (channel === undefined) {
      if (way.length > 1) return;
      throw invalidField('draft.fallback', 'must be another channel that there is');
    }
    way.push(next);
    next = channel.draft.fallback;
  }
}
