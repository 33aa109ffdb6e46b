/**
 * What a desktop app shows while another node leads: that node tells people, and has no desktop. The person here should hear
 * of what fires all the same, by what the channel of the desktop takes. What is told is known only here and now: it is shown
 * and gone, and nothing of it is kept.
 */
import { v7 as uuidv7 } from 'uuid';
import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook } from '../parts.ts';
import type { Channel } from './channel.ts';
import type { Channels } from './channels.ts';
import { alertMessage, type ToldAlert } from './messages/message.ts';
import { quietUntil } from './quiet-hours.ts';
import { takes } from './routing.ts';
import { repeatMs } from './timing.ts';

export interface FollowedNotesDeps extends Pick<OpsDeps, 'clock' | 'settings'> {
  channels: Channels;
  alerts: AlertBook;
}

export class FollowedNotes {
  readonly #deps: FollowedNotesDeps;
  /** By alert: steps of its escalation when it was told of. Undefined until the first look: what fires then is no news. */
  #told: Map<string, number> | undefined;

  constructor(deps: FollowedNotesDeps) {
    this.#deps = deps;
  }

  /** Nothing is followed: this node tells of its own. */
  leave(): void {
    this.#told = undefined;
  }

  /** Shows what is new, in one note. */
  async look(org_id: string): Promise<void> {
    const { channels, clock, settings } = this.#deps;
    const channel = channels.outlet.hasDesktop ? channels.all(org_id).find(({ id }) => id === 'desktop') : undefined;
    if (channel?.route === undefined || !channel.enabled) {
      this.leave();
      return;
    }
    const news = this.#news(org_id, channel);
    if (news.length === 0) return;
    const config = settings.of(org_id);
    await channels.outlet.send(channel.route, alertMessage(uuidv7(), news, { now_ms: clock.now(), page_url: null }), {
      now_ms: clock.now(),
      allow_private: false,
      repeat_ms: repeatMs(config),
    });
  }

  #news(org_id: string, channel: Channel): ToldAlert[] {
    const active = this.#deps.alerts.active(org_id);
    const loud = active.filter((alert) => this.#isLoud(org_id, alert, channel));
    if (this.#told === undefined) {
      this.#told = new Map(loud.map(({ id, escalation }) => [id, escalation]));
      return [];
    }
    return [...this.#ended(org_id, this.#told, channel), ...begun(loud, this.#told)];
  }

  #ended(org_id: string, told: Map<string, number>, { draft }: Channel): ToldAlert[] {
    return [...told.keys()].flatMap((id) => {
      const alert = this.#deps.alerts.get(org_id, id);
      if (alert === undefined || alert.state.state !== 'resolved') return [];
      told.delete(id);
      return draft.send_resolved ? [{ alert, about: 'resolved' as const }] : [];
    });
  }

  #isLoud(org_id: string, alert: OpsAlertDetail, { draft }: Channel): boolean {
    const { clock, alerts } = this.#deps;
    const { state, notify, silenced_by, inhibited_by } = alert;
    if (state.state !== 'firing' || !notify || silenced_by !== null || inhibited_by !== null) return false;
    const isNamed = alerts.escalatedTo?.(org_id, alert).includes('desktop') === true;
    if (!isNamed && takes(draft, alert) === undefined) return false;
    const { quiet_hours } = draft;
    const passes = quiet_hours?.except_critical === true && alert.severity === 'critical';
    return quiet_hours === null || passes || quietUntil(quiet_hours, clock.now()) === null;
  }
}

function begun(loud: readonly OpsAlertDetail[], told: Map<string, number>): ToldAlert[] {
  return loud.flatMap((alert) => {
    const before = told.get(alert.id);
    if (before !== undefined && before >= alert.escalation) return [];
    told.set(alert.id, alert.escalation);
    return [{ alert, about: alert.escalation > 0 ? ('escalated' as const) : ('firing' as const) }];
  });
}
