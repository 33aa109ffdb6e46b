/** One setting: what it is called and does, its control, what holds and why, and what can be done about it. */
import { Link } from '@tanstack/react-router';
import { Lock, RotateCcw, Undo2 } from 'lucide-react';
import { useId } from 'react';
import type { Setting } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { IconButton } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { Marked } from '../../../../ui/content/Marked.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { rowId, type SettingsForm } from '../hooks/use-settings-form.ts';
import { isOvertaken, shownTyped } from '../model/drafts.ts';
import { SECTION_TITLES } from '../model/sections.ts';
import { isChanged, SCOPE_WORDS, sourceText, stateOf, valueText } from '../model/setting-words.ts';
import { SettingControl } from './SettingControl.tsx';
import { StateDot } from './StateDot.tsx';

export interface SettingRowProps {
  setting: Setting;
  form: SettingsForm;
  /** What is looked for, to be marked. */
  find?: string | undefined;
  isGoal: boolean;
  /** In a list of what was found: with a way to its section. */
  isFound: boolean;
  suggestions: readonly string[];
}

export function SettingRow({ setting, form, find, isGoal, isFound, suggestions }: SettingRowProps) {
  const { key, title, help } = setting;
  const id = useId();
  const noteId = useId();
  const draft = form.drafts.get(key);
  const problem = form.problems.get(key);
  return (
    <li
      id={rowId(key)}
      aria-label={title}
      className={cx(
        'grid grid-cols-[minmax(0,1fr)_minmax(220px,320px)] gap-x-6 gap-y-1 px-4 py-3',
        isGoal && 'bg-accent-soft/50 shadow-[inset_2px_0_0_var(--accent)]',
      )}
    >
      <div className="min-w-0 space-y-0.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <StateDot state={stateOf(setting, draft, problem)} />
          <label htmlFor={id} className="font-medium">
            <Marked text={title} find={find} />
          </label>
          {isFound && (
            <Link
              to="/settings"
              search={(before) => ({ ...before, section: setting.section, find: undefined, setting: key })}
              aria-label={`Go to “${title}” in ${SECTION_TITLES[setting.section]}`}
              className="text-accent-text text-xs hover:underline"
            >
              in its section
            </Link>
          )}
          <SettingBadges setting={setting} />
        </p>
        <p className="text-muted text-xs">
          <Marked text={help} find={find} />
        </p>
        <p className="text-[11px] text-faint [overflow-wrap:anywhere]">
          <code className="font-mono">
            <Marked text={key} find={find} />
          </code>
        </p>
      </div>
      <div className="min-w-0 space-y-1">
        <div className="flex items-start gap-1">
          <div className="min-w-0 flex-1">
            <SettingControl
              setting={setting}
              typed={shownTyped(setting, draft)}
              id={id}
              noteId={noteId}
              isInvalid={problem !== undefined}
              disabled={setting.locked !== null}
              suggestions={suggestions}
              onType={(typed) => form.type(setting, typed)}
              onForget={() => form.discard([setting])}
            />
          </div>
          <RowButtons setting={setting} form={form} />
        </div>
        <div id={noteId} className="space-y-0.5 text-[11px] text-faint [overflow-wrap:anywhere]">
          {problem !== undefined && (
            <p role="alert" className="text-bad text-xs">
              {problem}
            </p>
          )}
          <SettingNotes setting={setting} form={form} />
        </div>
      </div>
    </li>
  );
}

export function SettingBadges({ setting }: { setting: Setting }) {
  const scope = SCOPE_WORDS[setting.scope];
  return (
    <>
      {isChanged(setting) && (
        <Badge tone="accent" title="What holds is not the default.">
          changed
        </Badge>
      )}
      {setting.waits && <Badge tone="warn">waits for a restart</Badge>}
      <Badge title={scope.help}>{scope.label}</Badge>
    </>
  );
}

/** Takes back what was typed, or the own value. */
export function RowButtons({ setting, form }: { setting: Setting; form: SettingsForm }) {
  const draft = form.drafts.get(setting.key);
  const hasDraft = draft !== undefined;
  // A secret that is typed has a button of its own.
  if (setting.locked !== null || (setting.kind.kind === 'secret' && draft?.typed !== null)) return null;
  return (
    <>
      {hasDraft && (
        <IconButton
          label={`Take back what was typed: ${setting.title}`}
          icon={<Undo2 className="size-3.5" />}
          onClick={() => form.discard([setting])}
        />
      )}
      {!hasDraft && setting.is_set && (
        <IconButton
          label={`${setting.title}: back to ${valueText(setting.kind, setting.inherited)}`}
          icon={<RotateCcw className="size-3.5" />}
          onClick={() => form.type(setting, null)}
        />
      )}
    </>
  );
}

/** Why it cannot be changed, what holds without an own value, and where the value comes from. */
export function SettingNotes({ setting, form }: { setting: Setting; form: SettingsForm }) {
  const { kind, source, locked, inherited, default: fallback, is_set } = setting;
  const draft = form.drafts.get(setting.key);
  return (
    <>
      {locked !== null && (
        <p className="flex items-start gap-1 text-muted">
          <Lock aria-label="Locked" className="mt-0.5 size-3 shrink-0" />
          <span>{visibleText(locked)}</span>
        </p>
      )}
      {isOvertaken(setting, draft) && (
        <p className="text-warn">
          Changed by somebody else meanwhile
          {kind.kind === 'secret' ? '' : ` to ${visibleText(valueText(kind, setting.value))}`}: you are asked when you
          save.
        </p>
      )}
      {draft?.typed === null && <p className="text-accent-text">Goes back when you save.</p>}
      {draft !== undefined && setting.needs_restart && <p>In force after a restart.</p>}
      {kind.kind !== 'secret' && (
        <p>
          Default: {visibleText(valueText(kind, fallback))}
          {source.kind !== 'default' && ` · ${visibleText(sourceText(source))}`}
          {is_set &&
            JSON.stringify(inherited) !== JSON.stringify(fallback) &&
            ` · without it: ${visibleText(valueText(kind, inherited))}`}
        </p>
      )}
      {kind.kind === 'secret' && source.kind !== 'default' && <p>{visibleText(sourceText(source))}</p>}
    </>
  );
}
