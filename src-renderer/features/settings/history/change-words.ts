import type { SettingKind, SettingsHistoryEntry } from '../../../../src-contract/index.ts';
import { ownText } from '../form/model/setting-words.ts';

type Change = SettingsHistoryEntry['changes'][number];

/** Before and after in words; of a secret only whether there was one. */
export function changeWords(
  { before, after, secret }: Change,
  kind: SettingKind | undefined,
): { before: string; after: string } {
  if (secret) return { before: isSetText(before), after: isSetText(after) };
  return { before: ownText(kind, before), after: ownText(kind, after) };
}

const isSetText = (value: Change['before']): string => (value === true ? 'set' : 'not set');
