/**
 * What persons say of alerts. Each is a note of its own, so that it can be said on any node and the leader, which writes
 * the alert, cannot overwrite it: the leader adds it to the alert, and until then whoever shows the alert does.
 */
import { v7 as uuidv7 } from 'uuid';
import type { OpsAlertDetail, OpsTimelineEntry } from '../../../src-contract/index.ts';
import type { RemarkDocument } from '../records/documents.ts';
import type { OpsRecord, OpsRecords } from '../records/ops-records.ts';
import { withEntry } from './timeline.ts';

/** Beyond these are not shown before they are added to their alert. */
const MAX_OPEN = 1000;

export type Remark = OpsRecord<'remark'>;

export class Remarks {
  readonly #records: OpsRecords;
  /** Not added to their alert yet, oldest first, by alert. */
  readonly #open = new Map<string, Map<string, Remark[]>>();

  constructor(records: OpsRecords) {
    this.#records = records;
    records.onChange(({ org_id, kind }) => {
      if (kind === 'remark') this.#open.delete(org_id);
    });
  }

  add(org_id: string, document: RemarkDocument): void {
    this.#records.put(org_id, 'remark', { id: uuidv7(), at_ms: Date.parse(document.at), open: true, document });
  }

  /** @throws SqliteFileError */
  open(org_id: string): ReadonlyMap<string, readonly Remark[]> {
    const known = this.#open.get(org_id);
    if (known) return known;
    const remarks = this.#records.list(org_id, 'remark', { open: true, limit: MAX_OPEN }).reverse();
    const byAlert = Map.groupBy(remarks, ({ document }) => document.alert_id);
    this.#open.set(org_id, byAlert);
    return byAlert;
  }

  /** They are part of their alert now. */
  settle(org_id: string, remarks: readonly Remark[]): void {
    for (const remark of remarks) this.#records.put(org_id, 'remark', { ...remark, open: false });
  }
}

/** Whether it is part of the alert already. */
export const hasRemark = ({ timeline }: Pick<OpsAlertDetail, 'timeline'>, id: string): boolean =>
  timeline.some(({ ref }) => ref === id);

/** The alert with what was said of it. */
export const withRemarks = <A extends OpsAlertDetail>(alert: A, remarks: readonly Remark[]): A =>
  remarks.reduce((told, { id, document }) => withRemark(told, id, document), alert);

function withRemark<A extends OpsAlertDetail>(alert: A, id: string, { kind, text, by, at }: RemarkDocument): A {
  if (hasRemark(alert, id)) return alert;
  const timeline = withEntry(alert.timeline, entryOf(id, { kind, text, by, at }));
  switch (kind) {
    case 'acknowledged':
      return { ...alert, timeline, acknowledged: { by, at, note: text } };
    case 'unacknowledged':
      return { ...alert, timeline, acknowledged: null };
    case 'noted':
      return { ...alert, timeline };
  }
}

const WORDS = { acknowledged: 'Somebody is at it', unacknowledged: 'Nobody is at it any more', noted: '' } as const;

const entryOf = (id: string, { kind, text, by, at }: Omit<RemarkDocument, 'alert_id'>): OpsTimelineEntry => ({
  at,
  kind,
  text: text ?? WORDS[kind],
  by,
  ref: id,
});
