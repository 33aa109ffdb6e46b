/** Two people changed the same settings: both values, and which of them shall hold. */
import { useState } from 'react';
import type { Setting, SettingConflict } from '../../../../../src-contract/index.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { plural } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';
import type { SettingsForm } from '../hooks/use-settings-form.ts';
import type { Choice } from '../model/drafts.ts';
import { valueText } from '../model/setting-words.ts';

export interface ConflictDialogProps {
  conflicts: readonly SettingConflict[];
  settings: readonly Setting[];
  form: SettingsForm;
}

export function ConflictDialog({ conflicts, settings, form }: ConflictDialogProps) {
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const open = conflicts.filter(({ key }) => !choices.has(key)).length;
  const choose = (key: string, choice: Choice) => setChoices((now) => new Map(now).set(key, choice));
  const chooseAll = (choice: Choice) => setChoices(new Map(conflicts.map(({ key }) => [key, choice])));
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && form.dismiss()}
      title={`${plural(conflicts.length, 'setting')} changed by somebody else meanwhile`}
      description="Nothing was saved. Choose what shall hold; what you typed stays until then."
      width="max-w-2xl"
      footer={
        <>
          {conflicts.length > 1 && (
            <span className="mr-auto flex gap-2">
              <Button size="small" onClick={() => chooseAll('mine')}>
                Keep all of mine
              </Button>
              <Button size="small" onClick={() => chooseAll('theirs')}>
                Take all of theirs
              </Button>
            </span>
          )}
          <Button onClick={form.dismiss}>Cancel</Button>
          <Button
            look="primary"
            disabled={open > 0}
            busy={form.busy}
            onClick={() => form.settleConflict((key) => choices.get(key) ?? 'theirs')}
          >
            Save
          </Button>
        </>
      }
    >
      <ul className="space-y-4">
        {conflicts.map((conflict) => (
          <Conflict
            key={conflict.key}
            conflict={conflict}
            setting={settings.find(({ key }) => key === conflict.key)}
            choice={choices.get(conflict.key)}
            onChoose={(choice) => choose(conflict.key, choice)}
          />
        ))}
      </ul>
    </Dialog>
  );
}

interface ConflictProps {
  conflict: SettingConflict;
  setting: Setting | undefined;
  choice: Choice | undefined;
  onChoose(choice: Choice): void;
}

function Conflict({ conflict, setting, choice, onChoose }: ConflictProps) {
  const { key, by, at } = conflict;
  const kind = setting?.kind;
  const isSecret = kind?.kind === 'secret';
  const words = (value: SettingConflict['yours']) => visibleText(valueText(kind, value));
  const mine = isSecret ? 'what you did with it' : conflict.yours === null ? 'no own value' : words(conflict.yours);
  const theirs = isSecret ? 'what is set now' : words(conflict.theirs);
  return (
    <li>
      <fieldset>
        <legend className="mb-1 font-medium">
          {setting?.title ?? key}
          <span className="ml-2 font-normal text-faint text-xs">
            {by !== null && `changed by ${visibleText(by)} `}
            {at !== null && <Ago time={at} />}
          </span>
        </legend>
        <div className="grid grid-cols-2 gap-2">
          <Side
            name={key}
            label="Keep mine"
            value={mine}
            isChosen={choice === 'mine'}
            onChoose={() => onChoose('mine')}
          />
          <Side
            name={key}
            label="Take theirs"
            value={theirs}
            isChosen={choice === 'theirs'}
            onChoose={() => onChoose('theirs')}
          />
        </div>
      </fieldset>
    </li>
  );
}

interface SideProps {
  name: string;
  label: string;
  value: string;
  isChosen: boolean;
  onChoose(): void;
}

function Side({ name, label, value, isChosen, onChoose }: SideProps) {
  return (
    <label className="relative flex cursor-pointer items-start gap-2 rounded-md border border-line bg-bg px-3 py-2 hover:border-line-strong has-[:checked]:border-accent has-[:checked]:bg-accent-soft">
      <input type="radio" name={name} checked={isChosen} onChange={onChoose} className="mt-1 accent-accent" />
      <span className="min-w-0">
        <span className="block text-muted text-xs">{label}</span>
        <span className="content-text block">{value}</span>
      </span>
    </label>
  );
}
