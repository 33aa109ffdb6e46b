import { useId } from 'react';
import { Field, Switch, TextArea, TextInput } from '../../../../ui/fields.tsx';
import { faultAt } from '../../fields/faults.ts';
import { PairsField } from '../../fields/PairsField.tsx';
import { SeveritySelect } from '../../fields/SeveritySelect.tsx';
import { SpanField } from '../../fields/SpanField.tsx';
import { MOST_LABELS } from '../model/rule-form.ts';
import type { RulePartProps } from './ConditionsField.tsx';

/** What a rule is called and is for, or what a person should do. */
export function RuleTexts({ part, form, change, faults }: RulePartProps & { part: 'head' | 'advice' }) {
  const id = useId();
  if (part === 'advice') {
    return (
      <Field label="Advice" error={faultAt(faults, 'advice')} help="What a person should do: it stands in the alert.">
        {(props) => (
          <TextArea
            {...props}
            dir="auto"
            value={form.advice}
            onChange={({ target }) => change({ advice: target.value })}
          />
        )}
      </Field>
    );
  }
  return (
    <div className="space-y-4">
      <Field label="Name" error={faultAt(faults, 'name')}>
        {(props) => (
          <TextInput
            {...props}
            dir="auto"
            maxLength={500}
            placeholder="Too many dead letters of billing"
            value={form.name}
            onChange={({ target }) => change({ name: target.value })}
          />
        )}
      </Field>
      <Field label="Description" error={faultAt(faults, 'description')} help="What it is for; it may be left out.">
        {(props) => (
          <TextArea
            {...props}
            dir="auto"
            className="min-h-9!"
            rows={2}
            value={form.description}
            onChange={({ target }) => change({ description: target.value })}
          />
        )}
      </Field>
      <div className="flex items-center gap-3">
        <Switch
          label="Enabled"
          labelledBy={`${id}-enabled`}
          checked={form.enabled}
          onChange={(enabled) => change({ enabled })}
        />
        <span id={`${id}-enabled`}>
          Enabled <span className="text-muted">· switched off, it finds nothing</span>
        </span>
      </div>
    </div>
  );
}

/** How the alert is that it makes. */
export function AlertFields({ form, change, faults }: RulePartProps) {
  const id = useId();
  return (
    <section aria-label="The alert" className="space-y-3">
      <h4 className="font-semibold text-[13px]">The alert</h4>
      <div className="grid grid-cols-2 gap-3">
        <SpanField
          label="Fires after it has held for"
          value={form.for}
          onChange={(span) => change({ for: span })}
          error={faultAt(faults, 'for_seconds')}
          help="0: at once."
        />
        <SpanField
          label="Is resolved after it has not held for"
          value={form.resolve_after}
          onChange={(resolve_after) => change({ resolve_after })}
          error={faultAt(faults, 'resolve_after_seconds')}
          help="What comes and goes is one alert."
        />
        <Field label="Severity">
          {(props) => <SeveritySelect {...props} value={form.severity} onChange={(severity) => change({ severity })} />}
        </Field>
      </div>
      <div className="flex items-center gap-3">
        <Switch
          label="Tell people"
          labelledBy={`${id}-notify`}
          checked={form.notify}
          onChange={(notify) => change({ notify })}
        />
        <span id={`${id}-notify`}>
          Tell people <span className="text-muted">· else it is shown in Archon, and sent to nobody</span>
        </span>
      </div>
      <PairsField
        label="Labels that are added"
        none="None. Channels can be chosen by labels."
        value={form.labels}
        onChange={(labels) => change({ labels })}
        names={['team', 'service', 'environment']}
        most={MOST_LABELS}
        error={faultAt(faults, 'labels')}
      />
    </section>
  );
}
