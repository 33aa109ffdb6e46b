/** The memory controls as rows of `archon_settings`: one row per switch that was set. */
import { z } from 'zod';
import {
  type ControlsOverrides,
  MAX_CONTEXT_TOKENS,
  type MemoryControls,
  MIN_CONTEXT_TOKENS,
  type ParsedInputs,
} from '../../src-contract/index.ts';
import { HINT_CHANNEL, toPayload } from '../events/event-hint.ts';
import type { Scope } from '../identity/scope.ts';
import type { Transaction } from '../storage/database.ts';

/** The user id of rows that are the default of all users. */
export const EVERYBODY = '';

export const settingRows = z.array(z.object({ user_id: z.string(), key: z.string(), value: z.unknown() }));
export type SettingRow = z.infer<typeof settingRows>[number];

type Patch = ParsedInputs['controls']['set']['controls'];

const control = {
  enabled: 'memory.enabled',
  session: 'memory.layers.session',
  working: 'memory.layers.working',
  longterm: 'memory.layers.longterm',
  max_tokens: 'memory.max_tokens',
} as const;
const CONTROL_KEYS = Object.values(control);

/** What a patch sets and takes back, in the same order for everybody: writers of many rows must not deadlock. */
export function changesOf({ enabled, layers, max_tokens }: Patch): [key: string, value: unknown][] {
  const given: [string, unknown][] = [
    [control.enabled, enabled],
    [control.session, layers?.session],
    [control.working, layers?.working],
    [control.longterm, layers?.longterm],
    [control.max_tokens, max_tokens],
  ];
  return given.filter(([, value]) => value !== undefined);
}

/** What the rows of one user set. A value that no version of ours can have written counts as not set. */
export function overridesOf(rows: readonly SettingRow[], user_id: string): ControlsOverrides {
  const own = new Map(rows.filter((row) => row.user_id === user_id).map(({ key, value }) => [key, value]));
  const read = <T>(key: string, schema: z.ZodType<T>): T | null => schema.safeParse(own.get(key)).data ?? null;
  return {
    enabled: read(control.enabled, z.boolean()),
    layers: {
      session: read(control.session, z.boolean()),
      working: read(control.working, z.boolean()),
      longterm: read(control.longterm, z.boolean()),
    },
    max_tokens: read(control.max_tokens, z.int().min(MIN_CONTEXT_TOKENS).max(MAX_CONTEXT_TOKENS)),
  };
}

export function withOverrides(inherited: MemoryControls, overrides: ControlsOverrides): MemoryControls {
  return {
    enabled: overrides.enabled ?? inherited.enabled,
    layers: {
      session: overrides.layers.session ?? inherited.layers.session,
      working: overrides.layers.working ?? inherited.layers.working,
      longterm: overrides.layers.longterm ?? inherited.layers.longterm,
    },
    max_tokens: overrides.max_tokens ?? inherited.max_tokens,
  };
}

/** Rows of the default and of one user. */
export async function readControls(tx: Transaction, scope: Scope, user_id: string): Promise<SettingRow[]> {
  return await tx.sql<SettingRow>(
    `SELECT user_id, key, value FROM archon_settings
     WHERE org_id = $1 AND user_id IN ('${EVERYBODY}', $2) AND key = ANY ($3)`,
    [scope.org_id, user_id, CONTROL_KEYS],
  );
}

/** Rows of everybody. */
export async function readAllControls(tx: Transaction, scope: Scope): Promise<SettingRow[]> {
  return await tx.sql<SettingRow>(
    'SELECT user_id, key, value FROM archon_settings WHERE org_id = $1 AND key = ANY ($2)',
    [scope.org_id, CONTROL_KEYS],
  );
}

/** @returns the keys that are not as they were before */
export async function writeControls(
  tx: Transaction,
  scope: Scope,
  user_id: string,
  changes: readonly [key: string, value: unknown][],
  now: string,
): Promise<string[]> {
  const changed = changes.map(([key, value]) =>
    value === null
      ? tx.sql<{ key: string }>(
          'DELETE FROM archon_settings WHERE org_id = $1 AND user_id = $2 AND key = $3 RETURNING key',
          [scope.org_id, user_id, key],
        )
      : tx.sql<{ key: string }>(
          `INSERT INTO archon_settings AS old (org_id, user_id, key, value, updated_at)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (org_id, user_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
             WHERE old.value <> excluded.value
           RETURNING key`,
          [scope.org_id, user_id, key, JSON.stringify(value), now],
        ),
  );
  return (await Promise.all(changed)).flat().map(({ key }) => key);
}

export async function eraseSettings(tx: Transaction, scope: Scope, user_id: string): Promise<void> {
  await tx.sql('DELETE FROM archon_settings WHERE org_id = $1 AND user_id = $2', [scope.org_id, user_id]);
  await tellOfSettings(tx, scope);
}

/** Tells the other nodes, once the transaction is committed. */
export async function tellOfSettings(tx: Transaction, { org_id }: Scope): Promise<void> {
  await tx.sql('SELECT pg_notify($1, $2)', [HINT_CHANNEL, toPayload({ kind: 'settings', org_id })]);
}
