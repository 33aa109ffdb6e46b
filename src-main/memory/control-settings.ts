/** The memory controls as rows of `archon_settings`: one row per switch that was set. */
import { z } from 'zod';
import {
  type ControlsOverrides,
  MAX_CONTEXT_TOKENS,
  type MemoryControls,
  MIN_CONTEXT_TOKENS,
  type ParsedInputs,
} from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { Config, ConfigName } from '../settings/config-schema.ts';
import { EVERYBODY, eraseHistory, type SettingRow, tellOfSettings } from '../settings/setting-rows.ts';
import type { Transaction } from '../storage/database.ts';

type Patch = ParsedInputs['controls']['set']['controls'];

const control = {
  enabled: 'memory.enabled',
  session: 'memory.layers.session',
  working: 'memory.layers.working',
  longterm: 'memory.layers.longterm',
  max_tokens: 'memory.max_tokens',
} as const;
export const CONTROL_KEYS: readonly ConfigName[] = Object.values(control);

/** The controls as a configuration says them. */
export function controlsOf(config: Readonly<Config>): MemoryControls {
  return {
    enabled: config[control.enabled],
    layers: { session: config[control.session], working: config[control.working], longterm: config[control.longterm] },
    max_tokens: config[control.max_tokens],
  };
}

/** What a patch sets and takes back, in the same order for everybody: writers of many rows must not deadlock. */
export function changesOf({ enabled, layers, max_tokens }: Patch): [key: ConfigName, value: unknown][] {
  const given: [ConfigName, unknown][] = [
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

export async function eraseSettings(tx: Transaction, scope: Scope, user_id: string): Promise<void> {
  await tx.sql('DELETE FROM archon_settings WHERE org_id = $1 AND user_id = $2', [scope.org_id, user_id]);
  await eraseHistory(tx, scope, user_id);
  await tellOfSettings(tx, scope);
}
