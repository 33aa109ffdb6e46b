/**
 * Follows one session's LISTEN and UNLISTEN through its transactions: they count when the transaction commits.
 *
 * The statements come from the SQL text, their success from the command tags in the answer, in the same order.
 */
import type { ListenStatement } from './listen-statements.ts';
import type { TransactionStatus } from './wire-frames.ts';

export class ListenTracker {
  /** Statements of the running unit whose tag has not come yet. */
  #announced: ListenStatement[] = [];
  /** Done, and waiting for the end of the transaction. */
  #pending: ListenStatement[] = [];
  /** How many of them came before the last ROLLBACK. */
  #rolled_back = 0;
  #failed = false;

  announce(statements: readonly ListenStatement[]): void {
    this.#announced.push(...statements);
  }

  /** A CommandComplete with this tag came. */
  complete(tag: string): void {
    if (tag === 'ROLLBACK') {
      this.#rolled_back = this.#pending.length;
      this.#failed = false;
    }
    if (tag !== 'LISTEN' && tag !== 'UNLISTEN') return;
    const statement = this.#announced.shift();
    if (statement) this.#pending.push(statement);
  }

  /** An ErrorResponse came. */
  fail(): void {
    this.#failed = true;
    this.#announced = [];
  }

  /** ReadyForQuery came. Returns what is committed now. */
  ready(status: TransactionStatus): ListenStatement[] {
    this.#announced = [];
    if (status === 'T') this.#rolled_back = 0; // It was ROLLBACK TO SAVEPOINT: the transaction goes on.
    if (status !== 'I') return [];
    const committed = this.#failed ? [] : this.#pending.slice(this.#rolled_back);
    this.#pending = [];
    this.#rolled_back = 0;
    this.#failed = false;
    return committed;
  }
}
