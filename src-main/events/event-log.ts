/** Appends to the event log in the transaction of the change: the outbox that delivery reads from. */
import type { JsonObject, NewEvent } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { EventWrite } from '../storage/database.ts';
import { db } from '../storage/sql.ts';

/** The insert of one or more events; run it in the transaction of the change. */
export function recordEvents(scope: Scope, events: readonly NewEvent[]): EventWrite {
  const insertion = db.insertInto('archon_events').values(
    events.map((event) => ({
      org_id: scope.org_id,
      type: event.type,
      user_id: event.user_id,
      actor: scope.actor,
      payload: event.payload as JsonObject,
    })),
  );
  return { compile: () => insertion.compile(), event_types: events.map(({ type }) => type) };
}
