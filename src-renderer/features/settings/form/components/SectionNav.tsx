/** The way to each section, what is changed in it, and the search over all of them. */
import { Link } from '@tanstack/react-router';
import {
  Bell,
  Bot,
  Boxes,
  BrainCircuit,
  Cog,
  HardDrive,
  type LucideIcon,
  MessageSquareText,
  Palette,
  Plug,
  Radio,
  ScrollText,
  ShieldCheck,
  ToggleRight,
} from 'lucide-react';
import { type ReactNode, type RefObject, useMemo } from 'react';
import type { Setting } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { plural } from '../../../../ui/format.ts';
import type { SettingsForm } from '../hooks/use-settings-form.ts';
import { FORM_SECTIONS, type FormSection, inSection, SECTION_TITLES } from '../model/sections.ts';
import { isChanged } from '../model/setting-words.ts';

const ICONS: Readonly<Record<FormSection, LucideIcon>> = {
  memory: BrainCircuit,
  workers: Cog,
  events: Radio,
  resilience: ToggleRight,
  alerts: Bell,
  ops: Bot,
  embedding: Boxes,
  llm: MessageSquareText,
  data: HardDrive,
  api: Plug,
  logs: ScrollText,
  appearance: Palette,
  privacy: ShieldCheck,
};

export interface SectionNavProps {
  settings: readonly Setting[];
  form: SettingsForm;
  /** Undefined while something is looked for. */
  current: FormSection | undefined;
  find: string | undefined;
  onFind(find: string | undefined): void;
  findRef: RefObject<HTMLInputElement | null>;
  /** Under the sections. */
  children: ReactNode;
}

export function SectionNav({ settings, form, current, find, onFind, findRef, children }: SectionNavProps) {
  const changed = useMemo(() => settings.filter(isChanged), [settings]);
  return (
    <div className="flex w-52 shrink-0 flex-col border-line border-r">
      <div className="flex p-2">
        <FilterText
          label="Find a setting"
          placeholder="Find a setting"
          value={find}
          onChange={onFind}
          maxLength={200}
          inputRef={findRef}
        />
      </div>
      <nav aria-label="Sections of the settings" className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        <ul className="space-y-0.5">
          {FORM_SECTIONS.map((section) => (
            <li key={section}>
              <SectionLink
                section={section}
                isCurrent={section === current}
                changed={changed.filter((setting) => setting.section === section).length}
                keys={inSection(settings, section).map(({ key }) => key)}
                form={form}
              />
            </li>
          ))}
        </ul>
      </nav>
      <div className="space-y-0.5 border-line border-t p-2">{children}</div>
    </div>
  );
}

interface SectionLinkProps {
  section: FormSection;
  isCurrent: boolean;
  changed: number;
  keys: readonly string[];
  form: SettingsForm;
}

function SectionLink({ section, isCurrent, changed, keys, form }: SectionLinkProps) {
  const Icon = ICONS[section];
  const unsaved = keys.filter((key) => form.drafts.has(key)).length;
  const isWrong = keys.some((key) => form.problems.has(key));
  return (
    <Link
      to="/settings"
      search={(before) => ({ ...before, section, find: undefined, setting: undefined })}
      aria-current={isCurrent ? 'page' : undefined}
      className={cx(
        'flex h-8 items-center gap-2 rounded-md px-2',
        isCurrent ? 'bg-accent-soft font-medium text-accent-text' : 'text-muted hover:bg-hover hover:text-text',
      )}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className="one-line flex-1">{SECTION_TITLES[section]}</span>
      {changed > 0 && (
        <span
          title={`${plural(changed, 'setting')} changed from the default`}
          className="text-[11px] text-accent-text tabular-nums"
        >
          {changed}
          <span className="sr-only"> changed from the default</span>
        </span>
      )}
      {unsaved > 0 && (
        <span
          role="img"
          aria-label={isWrong ? 'with values that are not valid' : 'not saved'}
          className={cx('size-2 shrink-0', isWrong ? 'rotate-45 bg-bad' : 'rounded-full bg-accent-text')}
        />
      )}
    </Link>
  );
}
