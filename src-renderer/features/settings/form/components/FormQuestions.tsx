/** What the form asks before it sends something: about risks, about going back to defaults, about two who saved. */
import type { Setting } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { plural } from '../../../../ui/format.ts';
import type { SettingsForm } from '../hooks/use-settings-form.ts';
import { valueText } from '../model/setting-words.ts';
import { ConflictDialog } from './ConflictDialog.tsx';

export function FormQuestions({ form, settings }: { form: SettingsForm; settings: readonly Setting[] }) {
  const { question, busy } = form;
  const close = (open: boolean) => !open && !busy && form.dismiss();
  switch (question?.kind) {
    case undefined:
      return null;
    case 'risk':
      return (
        <Confirm
          open
          onOpenChange={close}
          title="Save all the same?"
          action="Save"
          busy={busy}
          onConfirm={form.consent}
        >
          <ul className="space-y-1.5">
            {question.settings.map(({ key, title, risk }) => (
              <li key={key}>
                <span className="font-medium text-text">{title}.</span> {risk}
              </li>
            ))}
          </ul>
        </Confirm>
      );
    case 'reset':
      return (
        <Confirm
          open
          onOpenChange={close}
          title={`Reset “${question.title}”?`}
          action={`Reset ${plural(question.changes.length, 'setting')}`}
          busy={busy}
          onConfirm={form.consent}
        >
          <p>These go back to what holds without a value of their own:</p>
          <ul className="mt-1.5 max-h-56 space-y-1 overflow-y-auto">
            {question.settings.map((setting) => (
              <li key={setting.key}>
                <span className="text-text">{setting.title}</span>: {resetText(setting)}
                {setting.risk !== null && <span className="block text-warn text-xs">{setting.risk}</span>}
              </li>
            ))}
          </ul>
        </Confirm>
      );
    case 'conflict':
      return <ConflictDialog conflicts={question.conflicts} settings={settings} form={form} />;
  }
}

function resetText({ kind, value, inherited }: Setting): string {
  if (kind.kind === 'secret') return 'removed, and cannot be brought back by Archon';
  return visibleText(`${valueText(kind, value)} → ${valueText(kind, inherited)}`);
}
