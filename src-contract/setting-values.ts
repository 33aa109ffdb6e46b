/** What a setting can be, and what is told when two people changed one. */
import { z } from 'zod';
import { boundedList } from './bounded-list.ts';
import { instant } from './primitives.ts';

export const settingValue = z.union([
  z.boolean(),
  z.number(),
  z.string().max(20_000),
  boundedList(z.string(), 10_000),
  z.null(),
]);
export type SettingValue = z.infer<typeof settingValue>;

/** A setting that somebody else changed meanwhile. */
export const settingConflict = z.object({
  key: z.string(),
  yours: settingValue,
  theirs: settingValue.describe('What is set now; null for a secret.'),
  revision: z.string().describe('Of what is set now: a change that names it goes over it.'),
  by: z.string().nullable(),
  at: instant.nullable(),
});
export type SettingConflict = z.infer<typeof settingConflict>;
