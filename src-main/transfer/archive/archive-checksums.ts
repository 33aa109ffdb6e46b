/** Counts and checksums of an archive's records, the same whatever order the records stand in. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { isFields } from '../importers/json-fields.ts';
import { type ArchiveRecordType, RECORD_TYPES } from './archive-format.ts';
import { canonicalJson } from './canonical-json.ts';

const SUM_BYTES = 32;

const perType = <T extends z.ZodType>(value: T) =>
  z.strictObject(Object.fromEntries(RECORD_TYPES.map((type) => [type, value])) as Record<ArchiveRecordType, T>);

/** Of every type of record: how many, and the sum modulo 2^256 of the SHA-256 of each, in 64 hexadecimal digits. */
export const archiveTotals = z.strictObject({
  counts: perType(z.int().min(0)),
  sha256: perType(z.string().regex(/^[0-9a-f]{64}$/)),
});
export type ArchiveTotals = z.infer<typeof archiveTotals>;

export class ArchiveChecksums {
  readonly #counts = new Map<ArchiveRecordType, number>(RECORD_TYPES.map((type) => [type, 0]));
  readonly #sums = new Map<ArchiveRecordType, Uint8Array>(
    RECORD_TYPES.map((type) => [type, new Uint8Array(SUM_BYTES)]),
  );

  constructor(from?: ArchiveTotals) {
    if (from === undefined) return;
    for (const type of RECORD_TYPES) {
      this.#counts.set(type, from.counts[type]);
      this.#sums.set(type, Uint8Array.from(Buffer.from(from.sha256[type], 'hex')));
    }
  }

  /** @throws TooDeepError */
  add(type: ArchiveRecordType, record: unknown): void {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    const digest = hash('sha256', canonicalJson(withoutOrg(record)), 'buffer');
    const sum = this.#sums.get(type);
    if (sum) addTo(sum, digest);
  }

  totals(): ArchiveTotals {
    const counts = Object.fromEntries(this.#counts);
    const sha256 = Object.fromEntries(
      Array.from(this.#sums, ([type, sum]) => [type, Buffer.from(sum).toString('hex')]),
    );
    return { counts, sha256 } as ArchiveTotals;
  }
}

/** Adds a big-endian number to another in place; what overflows 256 bits is dropped. */
function addTo(sum: Uint8Array, digest: Buffer): void {
  let carry = 0;
  for (let index = SUM_BYTES - 1; index >= 0; index -= 1) {
    const total = (sum[index] ?? 0) + (digest[index] ?? 0) + carry;
    sum[index] = total & 0xff;
    carry = total >> 8;
  }
}

/** The organisation is left out, so that an archive's checksums stay equal when it moves to another one. */
function withoutOrg(record: unknown): unknown {
  if (!isFields(record)) return record;
  const copy = { ...record };
  for (const key of ['session', 'row'] as const) {
    if (!isFields(copy[key])) continue;
    const { org_id: _org, ...inner } = copy[key];
    if (isFields(inner.before)) {
      const { org_id: _orgBefore, ...before } = inner.before;
      inner.before = before;
    }
    copy[key] = inner;
  }
  return copy;
}
