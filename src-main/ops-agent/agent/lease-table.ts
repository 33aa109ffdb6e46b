/** Leases of agents in the database that nodes share, by its clock. */
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import { compiled } from '../../storage/sql.ts';

export interface LeaseHolder {
  /** Of one run of a process. */
  holder: string;
  /** As people know it. */
  node: string;
}

/** Every method rejects while the database is away. */
export interface LeaseTable {
  /** Takes the lease when it is free or over, and prolongs one's own. @returns who has it now */
  take(scope: Scope, claimant: LeaseHolder, lease_ms: number): Promise<LeaseHolder>;
  /** @returns who had it last; undefined when nobody has */
  holder(scope: Scope): Promise<LeaseHolder | undefined>;
  /** Gives it back. */
  release(scope: Scope, holder: string): Promise<void>;
}

const TAKE = `INSERT INTO archon_ops_leases AS lease (org_id, holder, node, taken_at, lease_until)
  VALUES ($1, $2, $3, now(), now() + $4 * interval '1 millisecond')
  ON CONFLICT (org_id) DO UPDATE SET holder = excluded.holder, node = excluded.node, lease_until = excluded.lease_until,
    taken_at = CASE WHEN lease.holder = excluded.holder THEN lease.taken_at ELSE excluded.taken_at END
  WHERE lease.holder = excluded.holder OR lease.lease_until < now()`;

const HOLDER = 'SELECT holder, node FROM archon_ops_leases WHERE org_id = $1';

export class PostgresLeaseTable implements LeaseTable {
  readonly #database: Pick<Database, 'atOnce'>;

  constructor(database: Pick<Database, 'atOnce'>) {
    this.#database = database;
  }

  async take(scope: Scope, { holder, node }: LeaseHolder, lease_ms: number): Promise<LeaseHolder> {
    const [, rows] = await this.#database.atOnce(scope, [
      compiled(TAKE, [scope.org_id, holder, node, lease_ms]),
      compiled(HOLDER, [scope.org_id]),
    ]);
    const [found] = rows as LeaseHolder[];
    if (!found) throw new Error('the lease that was taken is not there');
    return found;
  }

  async holder(scope: Scope): Promise<LeaseHolder | undefined> {
    const [rows] = await this.#database.atOnce(scope, [compiled(HOLDER, [scope.org_id])]);
    return (rows as LeaseHolder[])[0];
  }

  async release(scope: Scope, holder: string): Promise<void> {
    const release = compiled('DELETE FROM archon_ops_leases WHERE org_id = $1 AND holder = $2', [scope.org_id, holder]);
    await this.#database.atOnce(scope, [release]);
  }
}
