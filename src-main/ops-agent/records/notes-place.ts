/**
 * Of which database notes are. `history.db` belongs to the computer, which may work on one database today and on another
 * tomorrow: alerts of one must not be judged by what is seen of the other, nor channels be brought to those who share it.
 */
import { databasePlace } from '../../storage/store-identity.ts';

/** Empty for the embedded database. */
export const notesPlace = (database_url: string | null): string =>
  database_url === null ? '' : databasePlace(database_url);

/** How the notes of an organisation are kept. */
export const keyOf = (org_id: string, place: string): string => (place === '' ? org_id : `${org_id} ${place}`);

export function placesOf(keys: readonly string[]): string[] {
  return [...new Set(keys.map((key) => (key.includes(' ') ? key.slice(key.indexOf(' ') + 1) : '')))];
}
