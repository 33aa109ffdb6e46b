/** One section as a form: what belongs to it besides settings, the settings, and the tests of its services. */
import { useState } from 'react';
import type { Setting, TestableService } from '../../../../../src-contract/index.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { EmptyState } from '../../../../ui/states.tsx';
import type { SettingsForm } from '../hooks/use-settings-form.ts';
import { breakerRows } from '../model/breaker-rows.ts';
import { resetsOf, unsavedValues } from '../model/drafts.ts';
import { type FormSection, SECTION_HELP, SECTION_TESTS, SECTION_TITLES } from '../model/sections.ts';
import { ApiFacts } from './ApiFacts.tsx';
import { AppearanceSection } from './AppearanceSection.tsx';
import { BreakerTable } from './BreakerTable.tsx';
import { DataFacts } from './DataFacts.tsx';
import { OpsLinks } from './OpsLinks.tsx';
import { PrivacySection } from './PrivacySection.tsx';
import { ServiceTests, type TestResults } from './ServiceTests.tsx';
import { SettingRow } from './SettingRow.tsx';

export interface SectionFormProps {
  section: FormSection;
  /** Those of the section. */
  settings: readonly Setting[];
  form: SettingsForm;
  /** The key that is gone to. */
  goal: string | undefined;
  /** Whose, when not everybody's. */
  user_id: string | undefined;
  onEverybody(): void;
}

export function SectionForm({ section, settings, form, goal, user_id, onEverybody }: SectionFormProps) {
  const [results, setResults] = useState<TestResults>({});
  const { rows, rest } = breakerRows(settings);
  const tests = user_id === undefined && settings.length > 0 ? SECTION_TESTS[section] : undefined;
  const title = SECTION_TITLES[section];
  const modelOf = (service: TestableService) => settings.find(({ key }) => key === `${service}.model`);
  const offeredFor = (key: string): readonly string[] => {
    const result = Object.entries(results).find(([service]) => key === `${service}.model`)?.[1];
    return result?.kind === 'told' ? (result.test.models ?? []) : [];
  };
  const takeModel = (service: TestableService, model: string) => {
    const setting = modelOf(service);
    if (setting !== undefined) form.type(setting, model);
  };
  const isPageOnly = section === 'appearance' || section === 'privacy';
  return (
    <Card
      aria-label={title}
      title={title}
      actions={
        !isPageOnly && (
          <Button
            size="small"
            look="ghost"
            disabled={form.busy || resetsOf(settings).length === 0}
            onClick={() => form.reset(title, settings)}
          >
            {user_id === undefined ? 'Reset section to defaults' : 'Reset section for this user'}
          </Button>
        )
      }
    >
      <p className="border-line border-b px-4 py-2 text-muted text-xs">{SECTION_HELP[section]}</p>
      {section === 'appearance' && <AppearanceSection />}
      {section === 'privacy' && <PrivacySection />}
      {section === 'data' && user_id === undefined && <DataFacts />}
      {section === 'api' && user_id === undefined && <ApiFacts />}
      {(section === 'alerts' || section === 'ops') && user_id === undefined && <OpsLinks section={section} />}
      {rows.length > 0 && <BreakerTable rows={rows} form={form} goal={goal} />}
      {rest.length > 0 && (
        <ul aria-label={`Settings: ${title}`} className="divide-y divide-line">
          {rest.map((setting) => (
            <SettingRow
              key={setting.key}
              setting={setting}
              form={form}
              isGoal={setting.key === goal}
              isFound={false}
              suggestions={offeredFor(setting.key)}
            />
          ))}
        </ul>
      )}
      {!isPageOnly && settings.length === 0 && user_id !== undefined && (
        <EmptyState
          title="Nothing here can be set for one user"
          actions={
            <Button size="small" onClick={onEverybody}>
              Show what holds for everybody
            </Button>
          }
        />
      )}
      {tests !== undefined && (
        <ServiceTests
          services={tests}
          values={unsavedValues(settings, form.drafts)}
          results={results}
          onResult={(service, result) => setResults((now) => ({ ...now, [service]: result }))}
          onModel={settings.some(({ key }) => key.endsWith('.model')) ? takeModel : undefined}
        />
      )}
    </Card>
  );
}
