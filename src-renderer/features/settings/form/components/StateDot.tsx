import { cx } from '../../../../ui/classes.ts';
import { type SettingState, STATE_WORDS } from '../model/setting-words.ts';

/** How a setting is, as a colour and a shape; in words for who hovers or listens. */
export function StateDot({ state }: { state: SettingState }) {
  const { label, dot } = STATE_WORDS[state];
  return <span role="img" aria-label={label} title={label} className={cx('size-2 shrink-0', dot)} />;
}
