/** The settings: sections to go to, a search over all of them, and the open section as a form. */
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Outputs, Setting } from '../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../app/LeaveQuestion.tsx';
import { useReadOnly } from '../../../app/read-only.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { useLeaveGuard } from '../../../app/use-leave-guard.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { FormQuestions } from './components/FormQuestions.tsx';
import { FoundSettings } from './components/FoundSettings.tsx';
import { RestartBar } from './components/RestartBar.tsx';
import { SaveBar } from './components/SaveBar.tsx';
import { SectionForm } from './components/SectionForm.tsx';
import { SectionNav } from './components/SectionNav.tsx';
import { TransferMenu } from './components/TransferMenu.tsx';
import { WhoseSettings } from './components/WhoseSettings.tsx';
import { useSettings } from './hooks/use-settings.ts';
import { focusSetting, useSettingsForm } from './hooks/use-settings-form.ts';
import { findSettings } from './model/find-settings.ts';
import { lockedBy } from './model/read-only.ts';
import { type FormSection, inSection } from './model/sections.ts';
import type { SettingsSearch } from './settings-search.ts';

const route = getRouteApi('/settings/');

export function SettingsView() {
  const { user } = route.useSearch();
  const query = useSettings(user);
  if (query.isPending) return <SkeletonRows rows={10} />;
  if (query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    // What was typed for somebody is not for somebody else.
    <SettingsPage
      key={user ?? ''}
      data={query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
      user_id={user}
    />
  );
}

interface SettingsPageProps {
  data: Outputs['settings']['list'];
  /** Why it could not be read again. */
  error: unknown;
  onRetry(): void;
  user_id: string | undefined;
}

function SettingsPage({ data, error, onRetry, user_id }: SettingsPageProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (patch: Partial<SettingsSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace });
  const findRef = useRef<HTMLInputElement>(null);
  const changeable = lockedBy(useReadOnly(), data.items);
  const settings = user_id === undefined ? changeable : changeable.filter(({ scope }) => scope === 'user');
  const form = useSettingsForm(settings, user_id);
  const guard = useLeaveGuard({ hasChanges: () => form.drafts.size > 0, onLeave: () => {}, member: 'user' });
  const { find, setting: goal } = search;
  const section = sectionOf(search, settings);
  const shown = find === undefined ? inSection(settings, section) : findSettings(settings, find);
  const typed = shown.filter(({ key }) => form.drafts.has(key));
  useKeys({ 'mod+s': () => form.save(shown) }, true);
  useKeys({ '/': (event) => focusFind(event, findRef.current) });
  useEffect(() => {
    if (goal !== undefined) focusSetting(goal);
  }, [goal]);
  const canHaveOwn = shown.some(({ scope }) => scope === 'user');
  return (
    <>
      <RestartBar waiting={data.items.filter(({ waits }) => waits)} />
      <div className="flex min-h-0 flex-1">
        <SectionNav
          settings={settings}
          form={form}
          current={find === undefined ? section : undefined}
          find={find}
          onFind={(text) => go({ find: text, setting: undefined }, find !== undefined && text !== undefined)}
          findRef={findRef}
        >
          <TransferMenu />
        </SectionNav>
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3" tabIndex={0} role="region" aria-label="Form">
            {error !== null && <StaleNotice error={error} onRetry={onRetry} />}
            <Notices notices={data.notices} />
            {(canHaveOwn || user_id !== undefined) && (
              <WhoseSettings user_id={user_id} onChoose={(user) => go({ user })} />
            )}
            {find === undefined ? (
              <SectionForm
                key={section}
                section={section}
                settings={shown}
                form={form}
                goal={goal}
                user_id={user_id}
                onEverybody={() => go({ user: undefined })}
              />
            ) : (
              <FoundSettings found={shown} find={find} form={form} />
            )}
          </div>
          <SaveBar
            changed={typed.length}
            wrong={typed.filter(({ key }) => form.problems.has(key)).length}
            elsewhere={form.drafts.size - typed.length}
            busy={form.busy}
            onSave={() => form.save(shown)}
            onDiscard={() => form.discard(typed)}
          />
        </div>
      </div>
      <FormQuestions form={form} settings={data.items} />
      <LeaveQuestion guard={guard}>What you changed in the settings is not saved yet.</LeaveQuestion>
    </>
  );
}

/** A key alone leads to the section of its setting. */
function sectionOf({ section, setting }: SettingsSearch, settings: readonly Setting[]): FormSection {
  return section ?? settings.find(({ key }) => key === setting)?.section ?? 'memory';
}

function focusFind(event: KeyboardEvent, input: HTMLInputElement | null): void {
  event.preventDefault();
  input?.focus();
  input?.select();
}

function Notices({ notices }: { notices: readonly string[] }) {
  if (notices.length === 0) return null;
  return (
    <ul aria-label="Notices" className="space-y-1.5">
      {notices.map((notice) => (
        <li key={notice} className="content-text rounded-md border border-warn/40 bg-warn/15 px-3 py-1.5 text-xs">
          {notice}
        </li>
      ))}
    </ul>
  );
}
