/** Silences and maintenance windows: kept as notes, so that each node knows those of the others. */
import { v7 as uuidv7 } from 'uuid';
import type { OpsAlert, OpsSilence, ParsedInputs } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { ArchonError, invalidField, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { isTimeZone } from '../../time-zone.ts';
import type { Documents } from '../records/documents.ts';
import type { OpsRecords } from '../records/ops-records.ts';
import { matchesAlert } from './matchers.ts';
import { lookAt, type SilenceLook } from './silence-time.ts';

export type SilenceDocument = Documents['silence'];

export const MAX_SILENCES = 500;
/** Those that are over are listed for so long. */
const SILENCES_KEPT_MS = 30 * 86_400_000;
const MAX_LISTED = 2000;

interface Known {
  silence: SilenceDocument;
  look: SilenceLook;
  looked_ms: number;
}

export class Silences {
  readonly #records: OpsRecords;
  readonly #clock: Clock;
  /** Those that are not over, by organisation. */
  readonly #open = new Map<string, Known[]>();

  constructor({ records, clock }: { records: OpsRecords; clock: Clock }) {
    this.#records = records;
    this.#clock = clock;
    records.onChange(({ org_id, kind }) => {
      if (kind === 'silence') this.#open.delete(org_id);
    });
  }

  /** Those that hold now, the newest first. @throws SqliteFileError */
  holding(org_id: string): SilenceDocument[] {
    const now_ms = this.#clock.now();
    return this.#known(org_id).flatMap((known) => {
      if (now_ms >= known.look.until_ms || now_ms < known.looked_ms) {
        known.look = lookNow(known.silence, now_ms);
        known.looked_ms = now_ms;
      }
      return known.look.status === 'holds' ? [known.silence] : [];
    });
  }

  list({ org_id }: Scope, alerts: readonly OpsAlert[]): OpsSilence[] {
    const now_ms = this.#clock.now();
    return this.#records
      .list(org_id, 'silence', { limit: MAX_LISTED })
      .map(({ document }) => this.#told(document, alerts, now_ms))
      .filter((silence) => !isForgotten(silence, now_ms));
  }

  add(scope: Scope, input: ParsedInputs['opsAlerts']['silence'], alerts: readonly OpsAlert[]): OpsSilence {
    const now_ms = this.#clock.now();
    checkTime(input.time, now_ms);
    this.#close(scope.org_id, now_ms);
    if (this.#known(scope.org_id).length >= MAX_SILENCES) {
      throw new ArchonError('CONFLICT', `There are ${MAX_SILENCES} silences, and no more can be: end some first.`);
    }
    const document: SilenceDocument = {
      ...input,
      id: uuidv7(),
      created_by: scope.actor,
      created_at: isoTime(now_ms),
      ended: null,
    };
    this.#records.put(scope.org_id, 'silence', { id: document.id, at_ms: now_ms, open: true, document });
    return this.#told(document, alerts, now_ms);
  }

  end(scope: Scope, id: string, alerts: readonly OpsAlert[]): OpsSilence {
    const now_ms = this.#clock.now();
    const before = this.#records.get(scope.org_id, 'silence', id);
    if (!before) throw notFound('silence', id);
    if (lookNow(before, now_ms).status === 'over') {
      throw new ArchonError('CONFLICT', 'This silence is over already.');
    }
    const document = { ...before, ended: { by: scope.actor, at: isoTime(now_ms) } };
    this.#records.put(scope.org_id, 'silence', { id, at_ms: Date.parse(before.created_at), open: false, document });
    return this.#told(document, alerts, now_ms);
  }

  /** Those that came to their end count as open no more. */
  #close(org_id: string, now_ms: number): void {
    for (const { silence } of [...this.#known(org_id)]) {
      if (lookNow(silence, now_ms).status !== 'over') continue;
      const at_ms = Date.parse(silence.created_at);
      this.#records.put(org_id, 'silence', { id: silence.id, at_ms, open: false, document: silence });
    }
  }

  #known(org_id: string): Known[] {
    const known = this.#open.get(org_id);
    if (known) return known;
    const now_ms = this.#clock.now();
    const open = this.#records
      .list(org_id, 'silence', { open: true, limit: MAX_LISTED })
      .map(({ document }) => ({ silence: document, look: lookNow(document, now_ms), looked_ms: now_ms }));
    this.#open.set(org_id, open);
    return open;
  }

  #told(document: SilenceDocument, alerts: readonly OpsAlert[], now_ms: number): OpsSilence {
    const { status } = lookNow(document, now_ms);
    const silenced = status === 'holds' ? alerts.filter((alert) => matchesAlert(document.matchers, alert)).length : 0;
    return { ...document, status, silenced };
  }
}

/** The one that keeps an alert quiet: that which did before, if it still holds, since two that overlap are no news. */
export function silenceFor(
  alert: Pick<OpsAlert, 'labels' | 'rule_id' | 'severity' | 'silenced_by'>,
  holding: readonly SilenceDocument[],
): SilenceDocument | undefined {
  const matching = holding.filter(({ matchers }) => matchesAlert(matchers, alert));
  return matching.find(({ id }) => id === alert.silenced_by) ?? matching[0];
}

const OVER: SilenceLook = { status: 'over', window: undefined, until_ms: Number.MAX_SAFE_INTEGER };

const lookNow = ({ time, ended }: SilenceDocument, now_ms: number): SilenceLook =>
  ended ? OVER : lookAt(time, now_ms);

/** It is over for so long. */
function isForgotten({ status, ended, time }: Omit<OpsSilence, 'silenced'>, now_ms: number): boolean {
  if (status !== 'over') return false;
  const over_at = ended?.at ?? (time.kind === 'once' ? time.to : time.until);
  return over_at !== null && now_ms - Date.parse(over_at) > SILENCES_KEPT_MS;
}

function checkTime(time: OpsSilence['time'], now_ms: number): void {
  if (time.kind === 'once') {
    if (Date.parse(time.to) <= Date.parse(time.from)) throw invalidField('time.to', 'must lie after `from`');
    if (Date.parse(time.to) <= now_ms) throw invalidField('time.to', 'must lie ahead: it would be over already');
    return;
  }
  if (!isTimeZone(time.time_zone)) throw invalidField('time.time_zone', 'must be a time zone such as Europe/Berlin');
  if (time.until !== null && lookAt(time, now_ms).status === 'over') {
    throw invalidField('time.until', 'must lie ahead: no window would begin before');
  }
}
