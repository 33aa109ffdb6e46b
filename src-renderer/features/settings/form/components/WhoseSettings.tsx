/** Whose settings are shown: those of everybody, or what one user has of their own. */
import { useState } from 'react';
import { cx } from '../../../../ui/classes.ts';
import { UserPicker } from '../../../memory/components/UserPicker.tsx';

export interface WhoseSettingsProps {
  user_id: string | undefined;
  onChoose(user_id: string | undefined): void;
}

export function WhoseSettings({ user_id, onChoose }: WhoseSettingsProps) {
  const [picking, setPicking] = useState(false);
  return (
    <div role="group" aria-label="Whose settings" className="flex min-w-0 flex-wrap items-center gap-2">
      <span className="text-faint text-xs">Settings of</span>
      <button
        type="button"
        aria-pressed={user_id === undefined}
        onClick={() => onChoose(undefined)}
        className={cx(
          'h-8 rounded-md border px-2.5 font-medium',
          user_id === undefined
            ? 'border-accent bg-accent-soft text-accent-text'
            : 'border-line bg-raised hover:border-line-strong hover:bg-hover',
        )}
      >
        Everybody
      </button>
      <UserPicker user_id={user_id} open={picking} onOpenChange={setPicking} onChoose={onChoose} />
      {user_id !== undefined && (
        <span className="text-faint text-xs">Only what a user can have of their own is shown.</span>
      )}
    </div>
  );
}
