/** Organisations exist in the database as soon as somebody acts for them. */
import type { Database } from '../storage/database.ts';
import { db } from '../storage/sql.ts';
import { LOCAL_ORG_ID, type Scope } from './scope.ts';

export class Organisations {
  readonly #database: Database;
  readonly #known = new Set<string>();

  readonly #read_only: boolean;

  /** @param options.read_only one that is not there has nothing to read, and is not made */
  constructor(database: Database, { read_only = false }: { read_only?: boolean } = {}) {
    this.#database = database;
    this.#read_only = read_only;
  }

  /** Makes sure the scope's organisation exists; asks the database once per organisation. */
  async ensure(scope: Scope): Promise<void> {
    if (this.#read_only || this.#known.has(scope.org_id)) return;
    const name = scope.org_id === LOCAL_ORG_ID ? 'This computer' : scope.org_id;
    await this.#database.withScope(scope, (tx) =>
      tx.run(
        db
          .insertInto('archon_orgs')
          .values({ org_id: scope.org_id, name })
          .onConflict((conflict) => conflict.doNothing()),
      ),
    );
    this.#known.add(scope.org_id);
  }
}
