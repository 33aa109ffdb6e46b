/** Sections of the settings and single settings, as entries of the palette. */
import { useQuery } from '@tanstack/react-query';
import { findSettings } from '../../features/settings/form/model/find-settings.ts';
import { FORM_SECTIONS, type FormSection, SECTION_TITLES } from '../../features/settings/form/model/sections.ts';
import { api } from '../../rpc/client.ts';

export interface SettingEntry {
  value: string;
  label: string;
  /** A section, or the key of a setting. */
  hint: string | undefined;
  search: { section: FormSection; setting?: string };
}

/** A single letter would name most of them. */
const MIN_LETTERS = 2;
const SETTINGS = 6;

/** What is called so; read once, and not before somebody looks for something. */
export function useSettingEntries(text: string): SettingEntry[] {
  const isAsked = text.trim().length >= MIN_LETTERS;
  const { data } = useQuery(api.settings.list.queryOptions({ input: {}, enabled: isAsked }));
  if (!isAsked) return [];
  const words = text.toLowerCase().split(/\s+/);
  const sections = FORM_SECTIONS.filter((section) => {
    const name = `settings: ${SECTION_TITLES[section]}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
  return [
    ...sections.map((section) => ({
      value: `setting-section ${section}`,
      label: `Settings: ${SECTION_TITLES[section]}`,
      hint: undefined,
      search: { section },
    })),
    ...findSettings(data?.items ?? [], text)
      .slice(0, SETTINGS)
      .map(({ key, title, section }) => ({
        value: `setting ${key}`,
        label: title,
        hint: key,
        search: { section, setting: key },
      })),
  ];
}
