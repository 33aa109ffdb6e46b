/** One connection of the list: what it is, when it was used, and the way to it. */
import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import type { Profile } from '../../../../../src-contract/index.ts';
import { PROFILE_FILLS } from '../../../../app/profile/profile-colors.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { bytes, day } from '../../../../ui/format.ts';
import { Menu, MenuItem } from '../../../../ui/Menu.tsx';
import { Ago } from '../../../../ui/Time.tsx';

export interface ProfileRowProps {
  profile: Profile;
  isOpen: boolean;
  /** It is on its way. */
  isOpening: boolean;
  /** Its details are shown. */
  isShown: boolean;
  /** Why no profile can be opened: the configuration sets the connection. */
  blocked: string | undefined;
  onShow(): void;
  onOpen(): void;
  onRemove(): void;
}

const KINDS = { local: 'Embedded', remote: 'PostgreSQL', copy: 'Copy' } as const;

export function ProfileRow(props: ProfileRowProps) {
  const { profile, isOpen, isOpening, isShown, blocked, onShow, onOpen, onRemove } = props;
  const name = visibleText(profile.name);
  return (
    <li
      aria-label={name}
      className={cx(
        'relative flex items-center gap-4 overflow-hidden rounded-lg border bg-surface py-3 pr-3 pl-5',
        isShown ? 'border-accent' : 'border-line',
      )}
    >
      <span aria-hidden="true" className={cx('absolute inset-y-0 left-0 w-1.5', PROFILE_FILLS[profile.color])} />
      <div className="min-w-0 flex-1 space-y-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <button
            type="button"
            dir="auto"
            onClick={onShow}
            className="one-line min-w-0 text-left font-semibold text-[14px] underline-offset-2 hover:underline"
          >
            {name}
          </button>
          {isOpen && <Badge tone="ok">open</Badge>}
          <Badge>{KINDS[profile.kind]}</Badge>
          {profile.read_only && <Badge tone="warn">read-only</Badge>}
          {!profile.agents && <Badge>no agents</Badge>}
        </p>
        <p className="text-muted text-xs [overflow-wrap:anywhere]">{placeOf(profile)}</p>
        <p className="text-faint text-xs">
          {profile.last_used_at === null ? (
            'never opened'
          ) : (
            <>
              last opened <Ago time={profile.last_used_at} />
            </>
          )}
        </p>
        {profile.last_problem !== null && (
          <p className="text-bad text-xs [overflow-wrap:anywhere]">
            Could not be opened <Ago time={profile.last_problem.at} />: {visibleText(profile.last_problem.message)}
          </p>
        )}
      </div>
      {!isOpen && (
        <Button busy={isOpening} blocked={blocked} onClick={onOpen} aria-label={`Open ${name}`}>
          Open
        </Button>
      )}
      <Menu trigger={<IconButton label={`More for ${name}`} icon={<Ellipsis className="size-4" />} />}>
        <MenuItem icon={<Pencil />} onSelect={onShow}>
          {profile.kind === 'remote' ? 'Edit and test' : 'Edit'}
        </MenuItem>
        {profile.kind !== 'local' && (
          <MenuItem
            icon={<Trash2 />}
            danger
            blocked={isOpen ? 'It is open: open another one first.' : undefined}
            onSelect={onRemove}
          >
            {profile.kind === 'copy' ? 'Delete …' : 'Remove …'}
          </MenuItem>
        )}
      </Menu>
    </li>
  );
}

function placeOf(profile: Profile): string {
  switch (profile.kind) {
    case 'local':
      return 'The embedded database in the data folder. It is always there.';
    case 'copy': {
      const size = profile.bytes === null ? '' : ` · ${bytes(profile.bytes)}`;
      return visibleText(`Copy of ${profile.source}, taken ${day(profile.taken_at)}${size}`);
    }
    case 'remote': {
      const { database, redis } = profile.connection;
      const tls = database.tls.mode === 'disable' ? 'not encrypted' : `TLS (${database.tls.mode})`;
      const cache = redis === null ? 'sessions on this computer' : `Redis ${redis.host}:${redis.port}`;
      const where = `${database.user}@${database.host}:${database.port}/${database.database}`;
      return visibleText(`${where} · ${tls} · ${cache}`);
    }
  }
}
