/** Slots of a Redis Cluster, and hash tags that lie in a given one. */

export const SLOTS = 16_384;

/** The slot of a hash tag: CRC16 (XMODEM), https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return (crc & 0xffff) % SLOTS;
}

let tags: string[] | undefined;

/** The same tag for the same slot, for ever: keys are named by it. */
export function tagOf(slot: number): string {
  tags ??= findTags();
  return tags[slot] ?? '';
}

/** The first number of each slot. */
function findTags(): string[] {
  const found = new Map<number, string>();
  for (let n = 0; found.size < SLOTS; n += 1) {
    const slot = slotOf(String(n));
    if (!found.has(slot)) found.set(slot, String(n));
  }
  return Array.from({ length: SLOTS }, (_, slot) => found.get(slot) ?? '');
}
