/** A place where sealed secrets are kept. */
export interface SealedStore {
  /** For people; no two places have the same. */
  readonly name: string;
  /**
   * Calls `again` for every secret there is, and keeps what it gives in place of what it was given, unless that is the
   * same. A secret for which it throws a `SecretUnreadableError` stays as it is, and is counted.
   */
  reseal(again: (sealed: string, place: string) => string): Promise<Resealed>;
}

/** The name of such a place in one of several databases. */
export const placeIn = (what: string, database: string | null): string =>
  database === null ? what : `${what} (${database})`;

export interface Resealed {
  count: number;
  unreadable: number;
}
