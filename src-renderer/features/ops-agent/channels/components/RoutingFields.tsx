/** Which alerts a channel is given, when it is left in peace, and what is used in its place. */
import { type ReactNode, useId } from 'react';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field, Switch, TextInput } from '../../../../ui/fields.tsx';
import { faultAt } from '../../fields/faults.ts';
import { PairsField } from '../../fields/PairsField.tsx';
import { LABEL_NAMES } from '../../fields/pairs.ts';
import { Select } from '../../fields/Select.tsx';
import { SeveritySelect } from '../../fields/SeveritySelect.tsx';
import { TimeZoneField } from '../../fields/TimeZoneField.tsx';
import { useChannels } from '../hooks/use-channels.ts';
import { MOST_MATCHERS } from '../model/channel-form.ts';
import type { ChannelPartProps } from './TargetFields.tsx';

const MATCHER_NAMES = ['rule', 'severity', ...LABEL_NAMES];

export function RoutingFields({ form, change, faults, channel }: ChannelPartProps) {
  const { data } = useChannels();
  const others = data?.items.filter(({ id }) => id !== channel?.id) ?? [];
  const isGone = form.fallback !== undefined && data !== undefined && !others.some(({ id }) => id === form.fallback);
  return (
    <>
      <section aria-label="Which alerts" className="space-y-3">
        <h4 className="font-semibold text-[13px]">Which alerts</h4>
        <div className="grid grid-cols-2 gap-3">
          <Field label="At least as bad as" error={faultAt(faults, 'min_severity')}>
            {(props) => (
              <SeveritySelect
                {...props}
                value={form.min_severity}
                onChange={(min_severity) => change({ min_severity })}
              />
            )}
          </Field>
        </div>
        <PairsField
          label="Only where"
          none="All of them. Add labels for only some."
          value={form.matchers}
          onChange={(matchers) => change({ matchers })}
          names={MATCHER_NAMES}
          most={MOST_MATCHERS}
          error={faultAt(faults, 'matchers')}
        />
        <Toggle
          label="Tell when it is resolved"
          isOn={form.send_resolved}
          onChange={(send_resolved) => change({ send_resolved })}
        />
        <Toggle
          label="Also the daily report"
          isOn={form.send_reports}
          onChange={(send_reports) => change({ send_reports })}
          error={faultAt(faults, 'send_reports')}
        />
      </section>
      <section aria-label="When it is left in peace" className="space-y-3">
        <h4 className="font-semibold text-[13px]">When it is left in peace</h4>
        <Toggle
          label="Quiet hours"
          detail="what comes up then is sent after, together, if it still holds"
          isOn={form.is_quiet}
          onChange={(is_quiet) => change({ is_quiet })}
        />
        {form.is_quiet && (
          <>
            <div className="grid grid-cols-[1fr_1fr_1.6fr] gap-3">
              <Field label="From" error={faultAt(faults, 'quiet_hours.from')}>
                {(props) => (
                  <TextInput
                    {...props}
                    type="time"
                    value={form.quiet_from}
                    onChange={({ target }) => change({ quiet_from: target.value })}
                  />
                )}
              </Field>
              <Field
                label="To"
                error={faultAt(faults, 'quiet_hours.to')}
                help={form.quiet_to <= form.quiet_from ? 'Of the next day.' : undefined}
              >
                {(props) => (
                  <TextInput
                    {...props}
                    type="time"
                    value={form.quiet_to}
                    onChange={({ target }) => change({ quiet_to: target.value })}
                  />
                )}
              </Field>
              <TimeZoneField
                value={form.time_zone}
                onChange={(time_zone) => change({ time_zone })}
                error={faultAt(faults, 'quiet_hours.time_zone')}
              />
            </div>
            <Toggle
              label="But critical alerts are sent at once"
              isOn={form.except_critical}
              onChange={(except_critical) => change({ except_critical })}
            />
          </>
        )}
        <div className="grid grid-cols-2 gap-3">
          <Field
            label="Sent in an hour, at most"
            error={faultAt(faults, 'most_per_hour')}
            help="What comes up beyond is sent together later."
          >
            {(props) => (
              <TextInput
                {...props}
                inputMode="numeric"
                value={form.most_per_hour}
                onChange={({ target }) => change({ most_per_hour: target.value })}
              />
            )}
          </Field>
          <Field
            label="When it fails for good"
            error={faultAt(faults, 'fallback') ?? (isGone ? 'That channel is gone: choose another.' : undefined)}
          >
            {(props) => (
              <Select
                {...props}
                value={form.fallback ?? ''}
                onChange={(id) => change({ fallback: id === '' ? undefined : id })}
              >
                <option value="">nothing else is used</option>
                {isGone && <option value={form.fallback}>{form.fallback}</option>}
                {others.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {visibleText(name)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      </section>
    </>
  );
}

export interface ToggleProps {
  label: string;
  detail?: ReactNode;
  isOn: boolean;
  onChange(isOn: boolean): void;
  error?: string | undefined;
}

export function Toggle({ label, detail, isOn, onChange, error }: ToggleProps) {
  const id = useId();
  return (
    <div>
      <div className="flex items-center gap-3">
        <Switch label={label} labelledBy={id} checked={isOn} onChange={onChange} />
        <span id={id}>
          {label} {detail !== undefined && <span className="text-muted">· {detail}</span>}
        </span>
      </div>
      {error !== undefined && (
        <p role="alert" className="mt-1 text-bad text-xs">
          {error}
        </p>
      )}
    </div>
  );
}
