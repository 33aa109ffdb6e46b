/** Ids that come out the same every time a file is imported: what makes importing twice add nothing. */
import { v5 as uuidv5 } from 'uuid';
import { sessionId } from '../../../src-contract/index.ts';

/** Namespace of all ids made from imported data (RFC 9562, UUID version 5). A random UUID; it must never change. */
const NAMESPACE = 'b5f1a6f0-6a3e-4f6e-9b0c-2d1f6c7e8a94';

/** The id of whatever these parts name together. */
export function stableId(...parts: readonly (string | number)[]): string {
  // JSON keeps ["ab","c"] and ["a","bc"] apart.
  return uuidv5(JSON.stringify(parts), NAMESPACE);
}

/** An id of the source as it is, when it can be one of ours; else one made from it. */
export function externalIdOf(raw: string): string {
  return sessionId.safeParse(raw).success ? raw : stableId('external', raw.toWellFormed());
}
