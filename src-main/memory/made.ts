/** What a write makes, decided before it is tried: tried again, later and by another process, it makes the same. */
export interface Made {
  /** When it was asked for, in ms. */
  at_ms: number;
  /** Ids of what is new, in the order of the request. */
  ids: readonly string[];
  /** It may have been done already, by an attempt whose end nobody knows. */
  again: boolean;
}
