/** The list of alerts, with what was asked for, page by page. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { OpsAlertDetail, Outputs, ParsedInputs } from '../../../src-contract/index.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import type { OpsRecord, OpsRecords, RecordPlace } from '../records/ops-records.ts';
import { keptAlert, shownAlert } from './kept-alert.ts';

type Asked = ParsedInputs['opsAlerts']['list'];
type Page = Pick<Outputs['opsAlerts']['list'], 'items' | 'next_cursor'>;

const LIST = 'ops alerts';
const place = z.strictObject({ at_ms: z.int(), id: z.string() });
/** Notes that are looked at before others have a turn. */
const AT_ONCE = 100;

/**
 * @param show an alert as it is now, which may be ahead of its note
 * @throws ArchonError CURSOR_INVALID
 * @throws SqliteFileError
 */
export async function listAlerts(
  records: OpsRecords,
  org_id: string,
  asked: Asked,
  show: (alert: OpsAlertDetail) => OpsAlertDetail,
): Promise<Page> {
  const fits = filterOf(asked);
  const items: Page['items'] = [];
  const open = asked.states?.includes('resolved') === false;
  let before: RecordPlace | undefined = asked.cursor ? decodeCursor(LIST, asked.cursor, place) : beginOf(asked);
  for (; ; await nextTurn()) {
    const notes = records.list(org_id, 'alert', { open, before, limit: AT_ONCE });
    for (const note of notes) {
      if (items.length === asked.limit)
        return { items, next_cursor: before ? encodeCursor(LIST, { ...before }) : null };
      const alert = show(alertOf(note));
      if (fits(alert)) items.push(withoutTimeline(alert));
      before = { at_ms: note.at_ms, id: note.id };
    }
    if (notes.length < AT_ONCE) return { items, next_cursor: null };
  }
}

const alertOf = ({ document }: OpsRecord<'alert'>): OpsAlertDetail => shownAlert(keptAlert(document));

function withoutTimeline({ timeline: _, ...alert }: OpsAlertDetail): Page['items'][number] {
  return alert;
}

/** They are listed by when they began: those that began later are passed over. */
const beginOf = ({ to }: Asked): RecordPlace | undefined =>
  to === undefined ? undefined : { at_ms: Date.parse(to) + 1, id: '' };

function filterOf({ states, severities, rule, text, from }: Asked): (alert: OpsAlertDetail) => boolean {
  const part = text?.toLowerCase();
  const from_ms = from === undefined ? undefined : Date.parse(from);
  return (alert) =>
    (!states || states.includes(alert.state.state)) &&
    (!severities || severities.includes(alert.severity)) &&
    (rule === undefined || alert.rule_id === rule) &&
    (from_ms === undefined || alert.ended_at === null || Date.parse(alert.ended_at) >= from_ms) &&
    (part === undefined || textsOf(alert).some((one) => one.toLowerCase().includes(part)));
}

const textsOf = ({ summary, rule_name, labels }: OpsAlertDetail): string[] => [
  summary,
  rule_name,
  ...Object.values(labels),
];
