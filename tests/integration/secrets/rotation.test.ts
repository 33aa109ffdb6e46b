/** New master keys on real databases: nodes with passphrases, writers meanwhile, and processes that are killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src-main/clock.ts';
import { createDelivery, type Delivery } from '../../../src-main/events/delivery/create-delivery.ts';
import { WebhookSecrets } from '../../../src-main/events/delivery/webhooks/webhook-secrets.ts';
import { secretPlace } from '../../../src-main/events/delivery/webhooks/webhook-sender.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { createSecrets } from '../../../src-main/secrets/create-secrets.ts';
import { SecretBox } from '../../../src-main/secrets/secret-box.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../../src-main/settings/live-settings.ts';
import type { Transaction } from '../../../src-main/storage/database.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';
import { Receiver } from '../../support/ui-webhook-receiver.ts';

const FIRST = 'the first passphrase of the nodes';
const SECOND = 'the second passphrase of the nodes';

// The embedded database is asked in doctor.test.ts.
const server = databaseKinds.filter(({ name, available }) => name === 'PostgreSQL' && available);

describe.each(server)('a new master key on $name', (kind) => {
  let test: TestDatabase;
  let receiver: Receiver;
  let scope: Scope;
  let other: Scope;
  beforeAll(async () => {
    test = await kind.open();
    receiver = await Receiver.start(() => ({ status: 200 }));
  });
  afterAll(async () => {
    await receiver?.stop();
    await test?.remove();
  });
  beforeEach(async () => {
    scope = await test.newScope();
    other = await test.newScope();
  });

  /** What a node has for its webhooks. None of them delivers: that is not asked here. */
  const node = (secret_key: string, secret_key_old: string | null = null): Delivery =>
    createDelivery({
      settings: new LiveSettings({
        ...defaultConfig('/nonexistent'),
        'database.url': 'postgres://shared',
        secret_key,
        secret_key_old,
        'events.webhooks_allow_private': true,
      }),
      database: test.database,
      feed: { onNews: () => () => {}, onSettingsChanged: () => () => {} },
      clock: systemClock,
      logger: silentLogger,
      organisations: () => [scope.org_id, other.org_id],
    });
  const make = (on: Delivery, whose = scope) =>
    on.webhooks.create(whose, { name: 'hook', url: receiver.url, enabled: false });
  const boxesOf = async (whose: Scope) =>
    await test.database.withScope(whose, (tx) =>
      tx.sql<{ id: string; secret_box: string }>('SELECT id, secret_box FROM archon_webhooks WHERE org_id = $1', [
        whose.org_id,
      ]),
    );
  const secretsOf = (box: SecretBox, whose: readonly Scope[]) => {
    const organisations = () => whose.map(({ org_id }) => org_id);
    const store = new WebhookSecrets({ database: test.database, organisations });
    return createSecrets({ box, stores: () => [store], clock: new TestClock(), logger: silentLogger });
  };
  const boxOf = (passphrase: string, old_passphrase: string | null = null) =>
    new SecretBox({ data_dir: '/nonexistent', passphrase, old_passphrase });
  const signs = async (on: Delivery, id: string, whose = scope) =>
    (await on.webhooks.test(whose, id)).outcome.kind === 'accepted';

  it('is taken over by nodes one after the other, each of which signs throughout', async () => {
    const a = node(FIRST, SECOND);
    const webhook = await make(a);
    const b = node(SECOND, FIRST);
    expect(await signs(b, webhook.id)).toBe(true);
    const status = await secretsOf(boxOf(SECOND, FIRST), [scope]).rotate(scope, { key_file: false });
    expect(status.kept).toEqual([{ where: 'Webhooks', count: 1, unreadable: 0, problem: null }]);
    expect(await signs(a, webhook.id)).toBe(true);
    expect(await signs(node(SECOND), webhook.id)).toBe(true);
    // Without the new one it is told, and nothing is lost.
    const left = node(FIRST);
    expect(await left.webhooks.test(scope, webhook.id)).toMatchObject({
      outcome: { kind: 'failed', reason: expect.stringContaining('ARCHON_SECRET_KEY_OLD') },
    });
    expect(await secretsOf(boxOf(FIRST), [scope]).status(scope)).toMatchObject({ kept: [{ unreadable: 1 }] });
    expect(await signs(b, webhook.id)).toBe(true);
  });

  it('counts for each organisation of this node, and for no other', async () => {
    const a = node(FIRST);
    await make(a);
    await make(a);
    await make(a, other);
    const before = await boxesOf(other);
    expect(await secretsOf(boxOf(SECOND, FIRST), [scope]).rotate(scope, { key_file: false })).toMatchObject({
      kept: [{ count: 2, unreadable: 0 }],
    });
    expect(await boxesOf(other)).toEqual(before);
    const both = secretsOf(boxOf(SECOND, FIRST), [scope, other, scope]);
    expect(await both.rotate(scope, { key_file: false })).toMatchObject({ kept: [{ count: 3, unreadable: 0 }] });
    for (const whose of [scope, other]) {
      for (const { id, secret_box } of await boxesOf(whose)) {
        expect(boxOf(SECOND).open(secret_box, secretPlace(whose, id))).toMatch(/^whsec_/);
      }
    }
  });

  it('never undoes a secret that somebody renews meanwhile', async () => {
    const a = node(FIRST, SECOND);
    const webhook = await make(a);
    const box = boxOf(SECOND, FIRST);
    let renewed = '';
    /** As the database, but somebody renews the secret between its being read and its being written. */
    const withScope = async <T>(whose: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> => {
      const sql = async <Row>(text: string, values: unknown[]): Promise<Row[]> => {
        const rows = await test.database.withScope(whose, (tx) => tx.sql<Row>(text, values));
        if (text.startsWith('SELECT')) renewed = (await a.webhooks.rotateSecret(whose, webhook.id)).secret;
        return rows;
      };
      return await work({ sql } as unknown as Transaction);
    };
    const store = new WebhookSecrets({ database: { withScope }, organisations: () => [scope.org_id] });
    await store.reseal((sealed, place) => box.sealAgain(sealed, place));
    const [after] = await boxesOf(scope);
    expect(box.open(after?.secret_box ?? '', secretPlace(scope, webhook.id))).toBe(renewed);
    expect(renewed).not.toBe(webhook.secret);
  });

  it('of a key file moves to a passphrase that is set, and the file can go', async () => {
    const data_dir = mkdtempSync(join(tmpdir(), 'archon-rotation-'));
    const file = new SecretBox({ data_dir, passphrase: null });
    const a = node(FIRST);
    const webhook = await make(a);
    const sealed = file.seal(webhook.secret, secretPlace(scope, webhook.id));
    await test.database.withScope(scope, (tx) =>
      tx.sql('UPDATE archon_webhooks SET secret_box = $2 WHERE org_id = $1', [scope.org_id, sealed]),
    );
    expect(await signs(a, webhook.id)).toBe(false);
    const both = new SecretBox({ data_dir, passphrase: FIRST });
    await secretsOf(both, [scope]).rotate(scope, { key_file: false });
    rmSync(data_dir, { recursive: true });
    expect(await signs(a, webhook.id)).toBe(true);
  });
});
