import { Field, TextInput } from '../../../../ui/fields.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { type Faults, faultAt } from '../../fields/faults.ts';
import { TimeZoneField } from '../../fields/TimeZoneField.tsx';
import { DAY_NAMES, DAYS, LENGTHS, type Length, type SilenceForm } from '../model/silence-form.ts';

const LENGTH_NAMES: Readonly<Record<Length, string>> = {
  '1': '1 hour',
  '4': '4 hours',
  '24': '1 day',
  custom: 'From … to …',
};

interface SilenceTimeFieldsProps {
  form: SilenceForm;
  change(patch: Partial<SilenceForm>): void;
  faults: Faults;
}

export function SilenceTimeFields(props: SilenceTimeFieldsProps) {
  return props.form.kind === 'once' ? <OnceFields {...props} /> : <WeeklyFields {...props} />;
}

function OnceFields({ form, change, faults }: SilenceTimeFieldsProps) {
  return (
    <div className="space-y-2">
      <Segmented
        label="For how long"
        value={form.length}
        options={LENGTHS.map((value) => ({ value, label: LENGTH_NAMES[value] }))}
        onChange={(length) => change({ length })}
      />
      {form.length === 'custom' && (
        <div className="grid grid-cols-2 gap-4">
          {(['from', 'to'] as const).map((member) => (
            <Field key={member} label={member === 'from' ? 'From' : 'To'} error={faultAt(faults, `time.${member}`)}>
              {(props) => (
                <TextInput
                  {...props}
                  type="datetime-local"
                  max="9999-12-31T23:59"
                  value={form[member]}
                  onChange={({ target }) => change({ [member]: target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </div>
  );
}

function WeeklyFields({ form, change, faults }: SilenceTimeFieldsProps) {
  const fault = faultAt(faults, 'time.days');
  const isOvernight = form.window_to !== '' && form.window_to <= form.window_from;
  return (
    <div className="space-y-3">
      <fieldset className="space-y-1">
        <legend className="font-medium text-muted text-xs">Days on which it begins</legend>
        <div className="flex flex-wrap gap-1.5">
          {DAYS.map((day) => (
            <label
              key={day}
              className="relative cursor-pointer rounded-md border border-line bg-bg px-2 py-1 text-muted text-xs has-[:checked]:border-accent has-[:checked]:bg-accent-soft has-[:checked]:text-accent-text has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text"
            >
              <input
                type="checkbox"
                className="sr-only"
                aria-invalid={fault !== undefined}
                checked={form.days.includes(day)}
                onChange={({ target }) =>
                  change({ days: target.checked ? [...form.days, day] : form.days.filter((one) => one !== day) })
                }
              />
              {DAY_NAMES[day]}
            </label>
          ))}
        </div>
        {fault !== undefined && (
          <p role="alert" className="text-bad text-xs">
            {fault}
          </p>
        )}
      </fieldset>
      <div className="grid grid-cols-2 gap-4">
        <Field label="From" error={faultAt(faults, 'time.from')}>
          {(props) => (
            <TextInput
              {...props}
              type="time"
              value={form.window_from}
              onChange={({ target }) => change({ window_from: target.value })}
            />
          )}
        </Field>
        <Field label="To" error={faultAt(faults, 'time.to')} help={isOvernight ? 'Of the next day.' : undefined}>
          {(props) => (
            <TextInput
              {...props}
              type="time"
              value={form.window_to}
              onChange={({ target }) => change({ window_to: target.value })}
            />
          )}
        </Field>
        <TimeZoneField
          value={form.time_zone}
          onChange={(time_zone) => change({ time_zone })}
          error={faultAt(faults, 'time.time_zone')}
        />
        <Field label="Last day" error={faultAt(faults, 'time.until')} help="Left empty, it comes back for good.">
          {(props) => (
            <TextInput
              {...props}
              type="date"
              max="9999-12-31"
              value={form.until}
              onChange={({ target }) => change({ until: target.value })}
            />
          )}
        </Field>
      </div>
    </div>
  );
}
