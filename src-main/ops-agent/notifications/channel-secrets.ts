/** The secrets of channels: the URL of a webhook that is one as a whole, and what bodies are signed with. */
import type { Resealed, SealedStore } from '../../secrets/sealed-store.ts';
import { SecretUnreadableError } from '../../secrets/secret-errors.ts';
import type { OpsRecords } from '../records/ops-records.ts';
import { MOST_CHANNELS } from './channel.ts';

/** Binds what is sealed to where it belongs: it cannot be read anywhere else. */
export const secretPlace = (org_id: string, channel_id: string, name: string): string =>
  `ops channel ${org_id}/${channel_id}/${name}`;

/** The end of a secret, by which a person knows it again; nothing of one that is short. */
export function secretHint(secret: string): string | null {
  if (secret.length < LEAST_HINTED) return null;
  return URL.canParse(secret) ? `${new URL(secret).host}/…${secret.slice(-4)}` : `…${secret.slice(-4)}`;
}
const LEAST_HINTED = 12;

/** Channels that were added, and what was set of the others, as a place of sealed secrets. */
export class ChannelSecrets implements SealedStore {
  readonly id = 'ops channels of local';
  readonly name = 'Channels of alerts';
  readonly #records: OpsRecords;
  readonly #organisations: () => Iterable<string>;

  constructor({ records, organisations }: { records: OpsRecords; organisations(): Iterable<string> }) {
    this.#records = records;
    this.#organisations = organisations;
  }

  async reseal(again: (sealed: string, place: string) => string): Promise<Resealed> {
    const sum = { count: 0, unreadable: 0 };
    // Also those of databases that are not open: their key is the same.
    for (const records of [this.#records, ...this.#records.elsewhere()]) {
      for (const org_id of new Set(this.#organisations())) {
        const { count, unreadable } = resealIn(records, org_id, again);
        sum.count += count;
        sum.unreadable += unreadable;
      }
    }
    return sum;
  }
}

/** Nothing is waited for within: nobody changes a channel meanwhile. */
function resealIn(records: OpsRecords, org_id: string, again: (sealed: string, place: string) => string): Resealed {
  const sum = { count: 0, unreadable: 0 };
  for (const record of records.list(org_id, 'channel', { limit: MOST_CHANNELS })) {
    const { sealed } = record.document;
    const fresh = { ...sealed };
    for (const [name, box] of Object.entries(sealed)) {
      sum.count += 1;
      try {
        fresh[name] = again(box, secretPlace(org_id, record.id, name));
      } catch (error) {
        if (!(error instanceof SecretUnreadableError)) throw error;
        sum.unreadable += 1;
      }
    }
    const isSame = Object.entries(fresh).every(([name, box]) => box === sealed[name]);
    if (!isSame) records.put(org_id, 'channel', { ...record, document: { ...record.document, sealed: fresh } });
  }
  return sum;
}
