/** Where alerts and reports are sent: channels that are always there, and those that persons added. */
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { OpsChannel, OpsChannelDraft, OpsDelivery, ParsedInputs } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { ArchonError, invalidField, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import type { OpsDeps } from '../deps.ts';
import type { ChannelUseDocument } from '../records/documents.ts';
import type { RecordPlace } from '../records/ops-records.ts';
import type { ChannelsService } from '../services.ts';
import {
  type Channel,
  type ChannelSecret,
  isSettingsChannel,
  keptChannel,
  MOST_CHANNELS,
  MOST_CUSTOM,
  SETTINGS_CHANNELS,
  settingsDraft,
} from './channel.ts';
import { ChannelOutlet, type OutletOptions } from './channel-outlet.ts';
import { secretPlace } from './channel-secrets.ts';
import { checkAmong, checkDraft, checkKept } from './check-draft.ts';
import { MOST_OPEN, shownDelivery } from './delivery.ts';
import { resolveChannel } from './resolve-channel.ts';
import { sendTest } from './send-test.ts';
import { shownChannel } from './shown-channel.ts';

const HOUR_MS = 3600_000;
const DELIVERIES = 'ops_deliveries';
const place = z.object({ at_ms: z.number(), id: z.string() });
/** Deliveries that are looked through at a time for those that are asked for. */
const PAGE = 500;

type Sealed = Partial<Record<ChannelSecret, string>>;
/** Secrets that are tried before they are kept. */
type Clear = Partial<Record<ChannelSecret, string>>;

export class Channels implements ChannelsService {
  readonly outlet: ChannelOutlet;
  readonly #deps: OpsDeps;

  constructor({ outlet, ...deps }: OpsDeps & { outlet?: OutletOptions }) {
    this.#deps = deps;
    this.outlet = new ChannelOutlet(outlet);
  }

  /** As they hold now: those of the settings first, then by name. */
  all(org_id: string): Channel[] {
    const kept = new Map(
      this.#deps.records
        .list(org_id, 'channel', { limit: MOST_CHANNELS })
        .map(({ id, document }) => [id, keptChannel.safeParse(document).data] as const),
    );
    const fixed = SETTINGS_CHANNELS.map((id) => {
      const own = kept.get(id);
      return this.#resolve(org_id, id, own?.draft ?? settingsDraft(id), own?.sealed ?? {});
    });
    const custom = [...kept]
      .filter(([id]) => !isSettingsChannel(id))
      .flatMap(([id, own]) => (own === undefined ? [] : [this.#resolve(org_id, id, own.draft, own.sealed)]))
      .sort((a, b) => a.draft.name.localeCompare(b.draft.name));
    return [...fixed, ...custom];
  }

  list(scope: Scope): { items: OpsChannel[] } {
    return { items: this.#shown(scope.org_id) };
  }

  async create({ org_id, actor }: Scope, draft: OpsChannelDraft): Promise<OpsChannel> {
    const channels = this.all(org_id);
    if (channels.filter(({ origin }) => origin === 'custom').length >= MOST_CUSTOM) {
      throw new ArchonError('CONFLICT', `There are ${MOST_CUSTOM} channels already: remove one first.`);
    }
    const id = uuidv7();
    this.#check(org_id, id, draft, channels);
    this.#keep(org_id, id, draft, this.#sealed(org_id, id, draft, undefined), actor);
    return this.#shownOne(org_id, id);
  }

  async update(
    { org_id, actor }: Scope,
    { channel: id, revision, draft }: ParsedInputs['opsChannels']['update'],
  ): Promise<OpsChannel> {
    const channels = this.all(org_id);
    const channel = requireChannel(channels, id);
    requireRevision(channel, revision);
    this.#check(org_id, id, draft, channels);
    checkKept(draft, channel);
    this.#keep(org_id, id, draft, this.#sealed(org_id, id, draft, channel), actor);
    return this.#shownOne(org_id, id);
  }

  async remove(
    { org_id }: Scope,
    { channel: id, revision }: ParsedInputs['opsChannels']['remove'],
  ): Promise<{ channel: OpsChannel | null }> {
    const channels = this.all(org_id);
    const channel = requireChannel(channels, id);
    requireRevision(channel, revision);
    const users = channel.origin === 'custom' ? channels.filter(({ draft }) => draft.fallback === id) : [];
    if (users.length > 0) {
      const names = users.map(({ draft }) => `“${draft.name}”`).join(', ');
      throw new ArchonError('CONFLICT', `It is the fallback of ${names}: choose another one there first.`);
    }
    this.#deps.records.remove(org_id, 'channel', id);
    return { channel: channel.origin === 'custom' ? null : this.#shownOne(org_id, id) };
  }

  async test(scope: Scope, input: ParsedInputs['opsChannels']['test']): Promise<OpsDelivery> {
    const channel = this.#tried(scope.org_id, input);
    return await sendTest(channel, { ...this.#deps, outlet: this.outlet, org_id: scope.org_id });
  }

  async deliveries(
    { org_id }: Scope,
    { channel, alert, states, cursor, limit }: ParsedInputs['opsChannels']['deliveries'],
  ): Promise<{ items: OpsDelivery[]; next_cursor: string | null }> {
    const asked = (one: OpsDelivery) =>
      (channel === undefined || one.channel_id === channel) &&
      (alert === undefined || one.alert_ids.includes(alert)) &&
      (states === undefined || states.includes(one.state.state));
    const items: OpsDelivery[] = [];
    let shown: RecordPlace | undefined;
    let before = cursor === undefined ? undefined : decodeCursor(DELIVERIES, cursor, place);
    for (;;) {
      const page = this.#deps.records.list(org_id, 'delivery', { before, limit: PAGE });
      for (const { id, at_ms, document } of page) {
        if (!asked(document)) continue;
        if (shown !== undefined && items.length === limit) {
          return { items, next_cursor: encodeCursor(DELIVERIES, { ...shown }) };
        }
        items.push(shownDelivery(document));
        shown = { at_ms, id };
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return { items, next_cursor: null };
      before = { at_ms: last.at_ms, id: last.id };
    }
  }

  #resolve(org_id: string, id: string, draft: OpsChannelDraft, sealed: Sealed, clear?: Clear): Channel {
    return resolveChannel({
      id,
      origin: isSettingsChannel(id) ? 'settings' : 'custom',
      draft,
      sealed,
      config: this.#deps.settings.of(org_id),
      secret: (name) => (clear === undefined ? this.#open(org_id, id, sealed, name) : clear[name]),
      hasDesktop: this.outlet.hasDesktop,
    });
  }

  #open(org_id: string, id: string, sealed: Sealed, name: ChannelSecret): string | undefined {
    const box = sealed[name];
    return box === undefined ? undefined : this.#deps.secrets.open(box, secretPlace(org_id, id, name));
  }

  /** The channel as it is or as it would be, switched on. */
  #tried(org_id: string, { channel: id, draft }: ParsedInputs['opsChannels']['test']): Channel {
    const known = id === null ? undefined : requireChannel(this.all(org_id), id);
    const tried = draft ?? known?.draft;
    if (tried === undefined) throw invalidField('channel', 'must be given, or a draft: there is nothing to test');
    checkDraft(tried, { allow_private: this.#allowPrivate(org_id) });
    if (known !== undefined) checkKept(tried, known);
    const clear: Clear = {};
    for (const name of SECRET_NAMES) {
      const secret = this.#secretAfter(org_id, name, tried, known);
      if (secret !== undefined) clear[name] = secret;
    }
    return this.#resolve(org_id, known?.id ?? 'new', { ...withoutSecrets(tried), enabled: true }, {}, clear);
  }

  /** What a secret of the channel is once the draft holds. */
  #secretAfter(org_id: string, name: ChannelSecret, draft: OpsChannelDraft, known: Channel | undefined) {
    const given: unknown = Reflect.get(draft.target, name);
    if (typeof given === 'string') return given;
    if (given === null || known === undefined || known.draft.target.kind !== draft.target.kind) return undefined;
    try {
      return this.#open(org_id, known.id, known.sealed, name);
    } catch (error) {
      throw new ArchonError('CONFLICT', 'No key reads its secrets: enter them again.', { cause: error });
    }
  }

  #sealed(org_id: string, id: string, draft: OpsChannelDraft, known: Channel | undefined): Sealed {
    const sealed: Sealed = {};
    for (const name of SECRET_NAMES) {
      const given: unknown = Reflect.get(draft.target, name);
      const isKept = given === undefined && known?.draft.target.kind === draft.target.kind;
      const box =
        typeof given === 'string'
          ? this.#deps.secrets.seal(given, secretPlace(org_id, id, name))
          : isKept
            ? known.sealed[name]
            : undefined;
      if (box !== undefined) sealed[name] = box;
    }
    return sealed;
  }

  #check(org_id: string, id: string, draft: OpsChannelDraft, channels: readonly Channel[]): void {
    if (isSettingsChannel(id) && draft.target.kind !== id) {
      throw invalidField('draft.target.kind', `must stay ${id}: the channel is that of the settings`);
    }
    checkDraft(draft, { allow_private: this.#allowPrivate(org_id) });
    checkAmong(id, draft, channels);
  }

  #allowPrivate(org_id: string): boolean {
    return this.#deps.settings.of(org_id)['events.webhooks_allow_private'];
  }

  #keep(org_id: string, id: string, draft: OpsChannelDraft, sealed: Sealed, by: string): void {
    const at_ms = this.#deps.clock.now();
    const document = { draft: withoutSecrets(draft), sealed, by, at: isoTime(at_ms) };
    this.#deps.records.put(org_id, 'channel', { id, at_ms, open: true, document });
  }

  #shownOne(org_id: string, id: string): OpsChannel {
    return this.#shown(org_id).find((channel) => channel.id === id) ?? missing(id);
  }

  #shown(org_id: string): OpsChannel[] {
    const { records, clock } = this.#deps;
    const since_ms = clock.now() - HOUR_MS;
    const waiting = new Map<string, number>();
    for (const { document } of records.list(org_id, 'delivery', { open: true, limit: MOST_OPEN })) {
      waiting.set(document.channel_id, (waiting.get(document.channel_id) ?? 0) + 1);
    }
    return this.all(org_id).map((channel) => {
      const use: ChannelUseDocument | undefined = records.get(org_id, 'channel_use', channel.id);
      return shownChannel(channel, {
        config: this.#deps.settings.of(org_id),
        clear: (name) => this.#clearOrNone(org_id, channel, name),
        waiting: waiting.get(channel.id) ?? 0,
        sent_last_hour: use?.sent_ms.filter((at_ms) => at_ms > since_ms).length ?? 0,
        last_sent_at: use?.last_sent_at ?? null,
        last_failure: use?.last_failure ?? null,
      });
    });
  }

  /** One that no key reads is told as the problem of the channel. */
  #clearOrNone(org_id: string, channel: Channel, name: ChannelSecret): string | undefined {
    try {
      return this.#open(org_id, channel.id, channel.sealed, name);
    } catch {
      return undefined;
    }
  }
}

const SECRET_NAMES = ['url', 'secret'] as const;

function withoutSecrets(draft: OpsChannelDraft): OpsChannelDraft {
  const { target } = draft;
  switch (target.kind) {
    case 'slack':
      return { ...draft, target: { kind: target.kind } };
    case 'webhook':
      return { ...draft, target: { kind: target.kind, preset: target.preset, template: target.template } };
    default:
      return draft;
  }
}

function requireChannel(channels: readonly Channel[], id: string): Channel {
  return channels.find((channel) => channel.id === id) ?? missing(id);
}

function missing(id: string): never {
  throw notFound('channel', id);
}

function requireRevision(channel: Channel, revision: string): void {
  if (channel.revision === revision) return;
  throw new ArchonError('CONFLICT', `“${channel.draft.name}” was changed since: load it again, then change it.`);
}
