/** A connection: what it is called, how it connects, and whether it works. For a new one, and one that is kept. */
import { useQuery } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { useRef, useState } from 'react';
import { toast } from 'sonner';
import type { Profile } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { useConnectionForm } from '../hooks/use-connection-form.ts';
import { useConnectionTest } from '../hooks/use-connection-test.ts';
import { useSaveProfile } from '../hooks/use-save-profile.ts';
import { connectionOf } from '../model/connection-form.ts';
import { ConnectionFields } from './ConnectionFields.tsx';
import { ConnectionTest } from './ConnectionTest.tsx';
import { EnvironmentChoice } from './EnvironmentChoice.tsx';
import { LooksFields } from './LooksFields.tsx';
import { PlaceFacts } from './PlaceFacts.tsx';

export interface ProfileDrawerProps {
  /** The one to change; without it a new one is made. */
  profile: Profile | undefined;
  isOpen: boolean;
  onClose(): void;
}

export function ProfileDrawer({ profile, isOpen, onClose }: ProfileDrawerProps) {
  const [variable, setVariable] = useState<string>();
  const isRemote = profile === undefined || profile.kind === 'remote';
  const isWritten = isRemote && variable === undefined;
  const state = useConnectionForm(profile, isWritten);
  const { form, faults, change, check } = state;
  const { save, isSaving, problem } = useSaveProfile();
  const test = useConnectionTest();
  const found = useQuery(api.profiles.environment.queryOptions({ enabled: profile === undefined }));
  const isDone = useRef(false);
  const bodyRef = useRef<HTMLDivElement>(null);
  const hasChanges = () => !isDone.current && (state.isDirty || variable !== undefined);
  const leave = () => {
    // Closing changes the place, which would ask once more.
    isDone.current = true;
    onClose();
  };
  const guard = useLeaveGuard({ hasChanges, onLeave: leave, member: 'profile' });
  /** What is wrong is shown, and gets the focus. */
  const isRight = (given = form) => {
    if (check(given)) return true;
    setTimeout(() => bodyRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return false;
  };
  const submit = useOneAtATime(async () => {
    if (!isRight()) return;
    const saved = await save(profile, form, variable);
    if (saved === undefined) return;
    toast.success(profile === undefined ? `${visibleText(saved.name)} is kept. Open it when you like.` : 'Saved.');
    leave();
  });
  const startTest = () => {
    // A name is not needed to try it.
    const named = { ...form, looks: { ...form.looks, name: form.looks.name.trim() || 'unnamed' } };
    if (!isRight(named)) return;
    void test.start({
      ...(profile === undefined ? {} : { profile_id: profile.profile_id }),
      ...(isRemote && !isOpen ? { connection: connectionOf(form) } : {}),
    });
  };
  const name = profile === undefined ? 'New connection' : visibleText(profile.name);
  return (
    <Drawer
      label="Connection"
      onClose={guard.leave}
      heading={
        <h2 dir="auto" className="one-line font-semibold text-[14px]">
          {name}
        </h2>
      }
    >
      <form onSubmit={submit} noValidate className="flex min-h-0 flex-1 flex-col">
        <div ref={bodyRef} className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4">
          {profile === undefined && (
            <EnvironmentChoice found={found.data?.items ?? []} value={variable} onChange={setVariable} />
          )}
          <LooksFields value={form.looks} fault={faults['looks.name']} onChange={(looks) => change({ looks })} />
          {profile !== undefined && profile.kind !== 'remote' && <PlaceFacts profile={profile} />}
          {isWritten && (
            <fieldset disabled={isOpen} className="min-w-0 space-y-4 border-line border-t pt-4">
              {isOpen && (
                <p className="rounded-md bg-raised px-3 py-2 text-muted">
                  This connection is open: what connects it can be changed while another one is open. Its name, colour
                  and what is allowed can be changed now.
                </p>
              )}
              <ConnectionFields profile={profile} state={state} />
            </fieldset>
          )}
          {isRemote && (
            <ConnectionTest
              state={test.state}
              name={form.looks.name.trim() || form.database.host}
              onCancel={test.cancel}
              onAgain={startTest}
            />
          )}
          {problem !== undefined && (
            <p role="alert" className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
              {visibleText(problem)}
            </p>
          )}
        </div>
        <footer className="flex items-center gap-2 border-line border-t px-4 py-3">
          {isWritten && (
            <Button
              icon={<PlugZap aria-hidden="true" className="size-4" />}
              busy={test.state.kind === 'running'}
              onClick={startTest}
            >
              Test
            </Button>
          )}
          <span className="flex-1" />
          <Button onClick={guard.leave}>Cancel</Button>
          <Button type="submit" look="primary" busy={isSaving} disabled={profile !== undefined && !state.isDirty}>
            {profile === undefined ? 'Keep it' : 'Save'}
          </Button>
        </footer>
      </form>
      <LeaveQuestion guard={guard}>What you wrote about this connection is not saved yet.</LeaveQuestion>
    </Drawer>
  );
}
