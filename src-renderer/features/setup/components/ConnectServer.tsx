/** A connection to PostgreSQL that is written, tried, kept and opened in one go. */
import { useState } from 'react';
import type { Profile } from '../../../../src-contract/index.ts';
import { useSwitch } from '../../../app/profile/switch-store.ts';
import { Button } from '../../../ui/Button.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { useOneAtATime } from '../../../ui/one-at-a-time.ts';
import { ConnectionFields } from '../../settings/connections/components/ConnectionFields.tsx';
import { ConnectionTest } from '../../settings/connections/components/ConnectionTest.tsx';
import { useConnectionForm } from '../../settings/connections/hooks/use-connection-form.ts';
import { useConnectionTest } from '../../settings/connections/hooks/use-connection-test.ts';
import { useSaveProfile } from '../../settings/connections/hooks/use-save-profile.ts';
import { connectionOf } from '../../settings/connections/model/connection-form.ts';

const USUAL_NAME = 'PostgreSQL';

export function ConnectServer() {
  const state = useConnectionForm(undefined, true);
  const test = useConnectionTest();
  const { save, isSaving, problem } = useSaveProfile();
  const ask = useSwitch((store) => store.ask);
  /** Kept by now: what is changed after a failure changes it, and makes no second one. */
  const [kept, setKept] = useState<Profile>();
  const { form, faults, change, check } = state;
  const { looks } = form;
  const named = { ...form, looks: { ...looks, name: looks.name.trim() === '' ? USUAL_NAME : looks.name } };
  const isRight = () => {
    change({ looks: named.looks });
    return check(named);
  };
  const connect = useOneAtATime(async () => {
    if (!isRight()) return;
    const saved = await save(kept, named);
    if (saved === undefined) return;
    setKept(saved);
    ask(saved);
  });
  const startTest = () => {
    if (isRight()) void test.start({ connection: connectionOf(form) });
  };
  return (
    <form onSubmit={connect} noValidate className="space-y-4 rounded-xl border border-line bg-surface p-5">
      <Field label="Name" error={faults['looks.name']}>
        {(props) => (
          <TextInput
            {...props}
            dir="auto"
            maxLength={500}
            placeholder={USUAL_NAME}
            value={looks.name}
            onChange={(event) => change({ looks: { ...looks, name: event.target.value } })}
          />
        )}
      </Field>
      <ConnectionFields profile={kept} state={state} />
      <ConnectionTest state={test.state} name={named.looks.name} onCancel={test.cancel} onAgain={startTest} />
      {problem !== undefined && (
        <p role="alert" className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
          {visibleText(problem)}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button busy={test.state.kind === 'running'} onClick={startTest}>
          Test
        </Button>
        <Button type="submit" look="primary" busy={isSaving}>
          Connect
        </Button>
      </div>
    </form>
  );
}
