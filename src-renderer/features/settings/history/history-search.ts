/** What the URL of the history says: whose changes, and of which setting. */
import { z } from 'zod';
import { settingKey } from '../../../../src-contract/settings.ts';

export const HISTORY_SCOPES = ['device', 'org'] as const;
export type HistoryScope = (typeof HISTORY_SCOPES)[number];

export const settingsHistorySearch = z.object({
  scope: z.enum(HISTORY_SCOPES).optional().catch(undefined),
  key: z.coerce.string().pipe(settingKey).optional().catch(undefined),
});
export type SettingsHistorySearch = z.infer<typeof settingsHistorySearch>;
