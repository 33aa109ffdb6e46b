/** Whose data a call may touch and who is calling. Every function of the domain takes one. */
export interface Scope {
  /** Organisation, a UUID. Row-level security compares with it. */
  readonly org_id: string;
  /** Who acts, for revisions, events and the audit log: a token's name, `cli`, `desktop`, a worker's name. */
  readonly actor: string;
}

/** The organisation of the person at this computer. */
export const LOCAL_ORG_ID = '00000000-0000-7000-8000-000000000001';
