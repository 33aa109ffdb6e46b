/** What a search over all settings found, section by section. */
import { SearchX } from 'lucide-react';
import type { Setting } from '../../../../../src-contract/index.ts';
import { Card } from '../../../../ui/Card.tsx';
import { plural } from '../../../../ui/format.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import type { SettingsForm } from '../hooks/use-settings-form.ts';
import { SECTION_TITLES } from '../model/sections.ts';
import { SettingRow } from './SettingRow.tsx';

export interface FoundSettingsProps {
  found: readonly Setting[];
  find: string;
  form: SettingsForm;
}

export function FoundSettings({ found, find, form }: FoundSettingsProps) {
  if (found.length === 0) {
    return (
      <EmptyState icon={<SearchX />} title="No setting is called like this">
        Titles, descriptions, keys such as <code className="font-mono">memory.session_ttl_minutes</code> and environment
        variables are looked through.
      </EmptyState>
    );
  }
  const sections = [...new Set(found.map(({ section }) => section))];
  return (
    <div className="space-y-3">
      <p role="status" className="text-muted text-xs">
        {plural(found.length, 'setting')} found
      </p>
      {sections.map((section) => (
        <Card key={section} aria-label={SECTION_TITLES[section]} title={SECTION_TITLES[section]}>
          <ul aria-label={`Settings: ${SECTION_TITLES[section]}`} className="divide-y divide-line">
            {found
              .filter((setting) => setting.section === section)
              .map((setting) => (
                <SettingRow
                  key={setting.key}
                  setting={setting}
                  form={form}
                  find={find}
                  isGoal={false}
                  isFound
                  suggestions={[]}
                />
              ))}
          </ul>
        </Card>
      ))}
    </div>
  );
}
