import { expect, it } from 'vitest';
import { sessionRecord, testMessage } from '../../../tests/support/session-backends.ts';
import { FakeSessionStore } from '../../../tests/support/transfer-fake-sessions.ts';
import { ORG } from '../../../tests/support/transfer-harness.ts';
import type { ImportContext } from '../importers/importer.ts';
import { ArchivedSession } from './archived-session.ts';

it('puts no message into the session of another user who took its place between two batches', async () => {
  const now = Date.now();
  const sessions = new FakeSessionStore();
  const errors: string[] = [];
  const context = {
    scope: ORG,
    sessions,
    now: () => now,
    moment: () => now,
    retry_delays_ms: [],
    signal: new AbortController().signal,
    report: {
      added: { sessions: 0, messages: 0 },
      already_there: { sessions: 0, messages: 0 },
      error: (_place: unknown, message: string) => void errors.push(message),
    },
  } as unknown as ImportContext;
  const record = sessionRecord(now);
  const place = { line: 1, record: 1 };
  const archived = new ArchivedSession(
    context,
    { ...record, org_id: ORG.org_id, message_count: 2, token_count: 3 },
    place,
  );
  archived.add(testMessage(1));
  await archived.flush();

  await sessions.delete(ORG, record.session_id);
  await sessions.create(ORG, { ...record, user_id: 'bob' }, [], now);
  archived.add(testMessage(2));
  await archived.flush();
  archived.add(testMessage(3));
  await archived.flush();

  expect(sessions.messagesOf(record.session_id)).toEqual([]);
  expect(errors).toEqual(['session "session-1" was left out: User ada has no session session-1: choose another id.']);
  expect(context.report.added).toMatchObject({ sessions: 1, messages: 1 });
});
