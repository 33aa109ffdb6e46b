/** What the engine says against a change, beside the setting it is about. */
import { ORPCError } from '@orpc/client';
import { z } from 'zod';
import type { SettingChange, SettingConflict } from '../../../../../src-contract/index.ts';
import { settingConflict } from '../../../../../src-contract/setting-values.ts';

const issues = z.object({ issues: z.array(z.object({ field: z.string(), message: z.string() })) });
const conflicts = z.object({ conflicts: z.array(settingConflict) });

export type Refusal =
  | { kind: 'conflict'; conflicts: SettingConflict[] }
  | { kind: 'fields'; problems: Map<string, string> }
  /** Of none of them. */
  | { kind: 'other' };

export function refusalOf(error: unknown, changes: readonly SettingChange[]): Refusal {
  if (!(error instanceof ORPCError)) return { kind: 'other' };
  const conflict = error.code === 'SETTINGS_CONFLICT' ? conflicts.safeParse(error.data) : undefined;
  if (conflict?.success) return { kind: 'conflict', conflicts: conflict.data.conflicts };
  const refused = error.code === 'VALIDATION_FAILED' ? issues.safeParse(error.data) : undefined;
  const problems = new Map<string, string>();
  for (const { field, message } of refused?.data?.issues ?? []) {
    const key = keyOf(field, changes);
    if (key !== undefined && !problems.has(key)) problems.set(key, sentence(message));
  }
  return problems.size === 0 ? { kind: 'other' } : { kind: 'fields', problems };
}

/** `changes[2].value` and `memory.session_ttl_minutes` both name a setting. */
function keyOf(field: string, changes: readonly SettingChange[]): string | undefined {
  const index = /^changes(?:\[|\.)(\d+)/.exec(field)?.[1];
  if (index !== undefined) return changes[Number(index)]?.key;
  return changes.find(({ key }) => field === key || field.startsWith(`${key}[`))?.key;
}

const sentence = (message: string): string => (/^must /.test(message) ? `It ${message}.` : message);
