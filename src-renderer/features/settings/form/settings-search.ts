/** What the URL of the settings says: which section is open, what is looked for, whose settings, and which one is shown. */
import { z } from 'zod';
import { partOfText, userId } from '../../../../src-contract/primitives.ts';
import { settingKey } from '../../../../src-contract/settings.ts';
import { FORM_SECTIONS } from './model/sections.ts';

export const settingsSearch = z.object({
  section: z.enum(FORM_SECTIONS).optional().catch(undefined),
  find: z.coerce.string().pipe(partOfText.min(1)).optional().catch(undefined),
  /** Whose; without it, what holds for everybody. */
  user: z.coerce.string().pipe(userId).optional().catch(undefined),
  /** The setting that is gone to. */
  setting: z.coerce.string().pipe(settingKey).optional().catch(undefined),
});
export type SettingsSearch = z.infer<typeof settingsSearch>;
