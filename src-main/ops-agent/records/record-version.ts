/** Which of two versions of a note holds: every node must come to the same, in whatever order it hears of them. */
export interface Version {
  /** Milliseconds since the epoch by the clock of the writer, and larger than of the version it was made of. */
  changed_ms: number;
  /** Of one run of a process: never twice the same. */
  writer: string;
}

/** PostgreSQL says the same of them: `(changed_ms, writer) > (changed_ms, writer)`, in the order of bytes. */
export function isNewer(one: Version, other: Version): boolean {
  if (one.changed_ms !== other.changed_ms) return one.changed_ms > other.changed_ms;
  return one.writer > other.writer;
}
