/** What the agent does by itself when a rule fires, and how often at most. */
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { OpsRemediatorName } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field, Switch, TextInput } from '../../../../ui/fields.tsx';
import { faultAt } from '../../fields/faults.ts';
import { Select } from '../../fields/Select.tsx';
import { SpanField } from '../../fields/SpanField.tsx';
import { REMEDIATORS, RISKS } from '../../words/action-words.ts';
import type { RulePartProps } from './ConditionsField.tsx';

export function RemediationField({ form, change, faults }: RulePartProps) {
  const id = useId();
  const query = useQuery(api.opsActions.remediators.queryOptions());
  const signals: readonly string[] = form.conditions.map(({ signal }) => signal);
  const fitting = query.data?.items.filter((one) => one.signals.some((signal) => signals.includes(signal))) ?? [];
  const chosen = query.data?.items.find(({ name }) => name === form.remediator);
  const isFitting = form.remediator === undefined || fitting.some(({ name }) => name === form.remediator);
  return (
    <section aria-label="Remediation" className="space-y-3">
      <h4 className="font-semibold text-[13px]">Then the agent</h4>
      <Field label="Does" error={faultAt(faults, 'remediation.remediator')}>
        {(props) => (
          <Select<OpsRemediatorName | ''>
            {...props}
            value={form.remediator ?? ''}
            onChange={(name) => change({ remediator: name === '' ? undefined : name })}
          >
            <option value="">nothing: people do</option>
            {!isFitting && form.remediator !== undefined && (
              <option value={form.remediator}>{REMEDIATORS[form.remediator]}</option>
            )}
            {fitting.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {query.isError && (
        <p role="alert" className="flex items-center gap-2 text-warn text-xs">
          What can be done could not be read: {problemOf(query.error).message}
          <Button size="small" onClick={() => void query.refetch()}>
            Try again
          </Button>
        </p>
      )}
      {query.data !== undefined && !isFitting && (
        <p role="alert" className="text-warn text-xs">
          It helps with none of these signals: choose another, or nothing.
        </p>
      )}
      {query.data !== undefined && fitting.length === 0 && isFitting && (
        <p className="text-faint text-xs">Nothing that the agent can do helps with these signals.</p>
      )}
      {chosen !== undefined && (
        <dl className="space-y-1 rounded-md bg-raised px-3 py-2 text-xs">
          {(
            [
              ['What it does', chosen.effect],
              ['What it needs', chosen.precondition],
              ['How it is known that it helped', chosen.verification],
            ] as const
          ).map(([name, text]) => (
            <div key={name}>
              <dt className="text-faint">{name}</dt>
              <dd className="content-text">{visibleText(text)}</dd>
            </div>
          ))}
          <div>
            <dt className="sr-only">Risk</dt>
            <dd>
              <Badge tone={RISKS[chosen.risk].tone}>{RISKS[chosen.risk].label}</Badge>
            </dd>
          </div>
        </dl>
      )}
      {form.remediator !== undefined && (
        <>
          <div className="flex items-center gap-3">
            <Switch label="Ask first" labelledBy={`${id}-ask`} checked={form.ask} onChange={(ask) => change({ ask })} />
            <span id={`${id}-ask`}>
              Ask first <span className="text-muted">· whatever the mode of the agent, a person has to approve it</span>
            </span>
          </div>
          <div className="grid grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)_minmax(0,1fr)] gap-3">
            <SpanField
              label="Between two attempts"
              value={form.cool_down}
              onChange={(cool_down) => change({ cool_down })}
              error={faultAt(faults, 'remediation.cool_down_seconds')}
              help="Doubled by each that did not help."
            />
            <Field
              label="Attempts at most"
              error={faultAt(faults, 'remediation.max_attempts')}
              help="Then it is escalated."
            >
              {(props) => (
                <TextInput
                  {...props}
                  inputMode="numeric"
                  value={form.max_attempts}
                  onChange={({ target }) => change({ max_attempts: target.value })}
                />
              )}
            </Field>
            <Field
              label="An hour at most"
              error={faultAt(faults, 'remediation.max_per_hour')}
              help="For all of its alerts."
            >
              {(props) => (
                <TextInput
                  {...props}
                  inputMode="numeric"
                  value={form.max_per_hour}
                  onChange={({ target }) => change({ max_per_hour: target.value })}
                />
              )}
            </Field>
          </div>
        </>
      )}
    </section>
  );
}
