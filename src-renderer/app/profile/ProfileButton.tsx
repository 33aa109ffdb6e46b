/** Which database the page shows, and the way to another. */
import { useNavigate } from '@tanstack/react-router';
import { Check, Lock, PlugZap } from 'lucide-react';
import { cx } from '../../ui/classes.ts';
import { visibleText } from '../../ui/content/visible-text.ts';
import { Menu, MenuHeading, MenuItem, MenuLine } from '../../ui/Menu.tsx';
import { Tip } from '../../ui/Tip.tsx';
import { useOpenProfile } from '../read-only.ts';
import { PROFILE_FILLS } from './profile-colors.ts';
import { useSwitch } from './switch-store.ts';
import { useProfiles } from './use-profiles.ts';

export function ProfileButton() {
  const open = useOpenProfile();
  const { data } = useProfiles();
  const navigate = useNavigate();
  const ask = useSwitch((store) => store.ask);
  if (open === undefined) return null;
  if (open === null) {
    const by = data?.state.configured_by;
    return by == null ? null : (
      <Tip text={`The connection is set by ${by}. It is not one of the profiles.`}>
        <span tabIndex={0} className="shrink-0 rounded">
          Set by {by}
        </span>
      </Tip>
    );
  }
  const name = visibleText(open.name);
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Connection: ${name}${open.read_only ? ', read-only' : ''}`}
          className="flex max-w-56 shrink-0 items-center gap-1.5 rounded hover:text-text"
        >
          <span aria-hidden="true" className={cx('size-2.5 shrink-0 rounded-[3px]', PROFILE_FILLS[open.color])} />
          <span dir="auto" className="one-line font-medium text-text">
            {name}
          </span>
          {open.read_only && <Lock aria-hidden="true" className="size-3 shrink-0" />}
        </button>
      }
    >
      <MenuHeading>Connection</MenuHeading>
      {data?.items.map((profile) => (
        <MenuItem
          key={profile.profile_id}
          icon={
            profile.profile_id === open.profile_id ? (
              <Check aria-label="open" className="text-accent-text" />
            ) : (
              <span aria-hidden="true" className={cx('m-0.5 size-2.5 rounded-sm', PROFILE_FILLS[profile.color])} />
            )
          }
          disabled={profile.profile_id === open.profile_id}
          onSelect={() => ask(profile)}
        >
          <span dir="auto" className="one-line max-w-64">
            {visibleText(profile.name)}
          </span>
          {profile.read_only && <span className="text-faint text-xs">read-only</span>}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={<PlugZap />} onSelect={() => void navigate({ to: '/settings/connections' })}>
        Connections …
      </MenuItem>
    </Menu>
  );
}
