/** The secrets that webhooks are signed with, as a place of sealed secrets. */
import type { Scope } from '../../../identity/scope.ts';
import {
  type DatabasePlace,
  OWN_DATABASE,
  placeId,
  placeName,
  type Resealed,
  type SealedStore,
} from '../../../secrets/sealed-store.ts';
import { SecretUnreadableError } from '../../../secrets/secret-errors.ts';
import type { Database, Transaction } from '../../../storage/database.ts';
import { secretPlace } from './webhook-sender.ts';

interface WebhookSecretsDeps {
  database: Pick<Database, 'withScope'>;
  /** Organisations this node works for. */
  organisations(): Iterable<string>;
  /** Which database it is; without it that of this computer. */
  place?: DatabasePlace | undefined;
}

export class WebhookSecrets implements SealedStore {
  readonly #deps: WebhookSecretsDeps;

  constructor(deps: WebhookSecretsDeps) {
    this.#deps = deps;
  }

  get id(): string {
    return placeId('webhooks', this.#place);
  }

  get name(): string {
    return placeName('webhooks', this.#place);
  }

  get #place(): DatabasePlace {
    return this.#deps.place ?? OWN_DATABASE;
  }

  async reseal(again: (sealed: string, place: string) => string): Promise<Resealed> {
    const sum = { count: 0, unreadable: 0 };
    for (const org_id of new Set(this.#deps.organisations())) {
      const scope = { org_id, actor: 'archon' };
      const { count, unreadable } = await this.#deps.database.withScope(scope, (tx) => resealIn(tx, scope, again));
      sum.count += count;
      sum.unreadable += unreadable;
    }
    return sum;
  }
}

/** At most 100 (`MAX_WEBHOOKS`). A secret that somebody renews meanwhile stays theirs. */
async function resealIn(
  tx: Transaction,
  scope: Scope,
  again: (sealed: string, place: string) => string,
): Promise<Resealed> {
  const rows = await tx.sql<{ id: string; secret_box: string }>(
    'SELECT id, secret_box FROM archon_webhooks WHERE org_id = $1 ORDER BY id',
    [scope.org_id],
  );
  let unreadable = 0;
  for (const { id, secret_box } of rows) {
    const sealed = orUnreadable(() => again(secret_box, secretPlace(scope, id)));
    if (sealed === undefined) unreadable += 1;
    else if (sealed !== secret_box) {
      await tx.sql('UPDATE archon_webhooks SET secret_box = $3 WHERE org_id = $1 AND id = $2 AND secret_box = $4', [
        scope.org_id,
        id,
        sealed,
        secret_box,
      ]);
    }
  }
  return { count: rows.length, unreadable };
}

function orUnreadable(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SecretUnreadableError) return undefined;
    throw error;
  }
}
