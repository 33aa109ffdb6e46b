/** A place where sealed secrets are kept. */
export interface SealedStore {
  /** The same at every start, whatever people call it: keys remember by it that it was looked through. */
  readonly id: string;
  /** For people; no two places have the same. */
  readonly name: string;
  /**
   * Calls `again` for every secret there is, and keeps what it gives in place of what it was given, unless that is the
   * same. A secret for which it throws a `SecretUnreadableError` stays as it is, and is counted.
   */
  reseal(again: (sealed: string, place: string) => string): Promise<Resealed>;
}

export interface Resealed {
  count: number;
  unreadable: number;
}

/** One of the databases that this computer may work on. */
export interface DatabasePlace {
  /** Of no other database, and the same at every start: a name may be given to another one. */
  readonly id: string;
  /** What people call it now; null for that of this computer. */
  name(): string | null;
}

/** The embedded database of the data folder. */
export const OWN_DATABASE: DatabasePlace = { id: 'local', name: () => null };

/** What of a database holds sealed secrets. */
export const SEALED_IN_DATABASES = { webhooks: 'Webhooks', settings: 'Settings of organisations' } as const;
type SealedInDatabase = keyof typeof SEALED_IN_DATABASES;

export const placeId = (what: SealedInDatabase, { id }: Pick<DatabasePlace, 'id'>): string => `${what} of ${id}`;

export function placeName(what: SealedInDatabase, database: DatabasePlace): string {
  const name = database.name();
  return name === null ? SEALED_IN_DATABASES[what] : `${SEALED_IN_DATABASES[what]} (${name})`;
}
