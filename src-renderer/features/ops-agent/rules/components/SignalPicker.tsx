import type { OpsSignalName } from '../../../../../src-contract/index.ts';
import {
  OPS_MONITORS,
  OPS_SIGNAL_NAMES,
  OPS_SIGNALS,
  type OpsMonitor,
} from '../../../../../src-contract/ops-signals.ts';
import { Field } from '../../../../ui/fields.tsx';
import { Select } from '../../fields/Select.tsx';

const MONITORS: Readonly<Record<OpsMonitor, string>> = {
  health: 'Health',
  metrics: 'Metrics',
  dlq: 'Dead letters',
  worker: 'Workers',
  resources: 'Resources',
};

const UNITS: Readonly<Record<(typeof OPS_SIGNALS)[OpsSignalName]['unit'], string>> = {
  level: 'healthy, degraded or unhealthy',
  count: 'a count',
  seconds: 'a time',
  ms: 'milliseconds',
  percent: 'percent',
  bytes: 'bytes',
  per_minute: 'a minute',
  per_hour: 'an hour',
};

/** What is looked at: by the monitor that observes it, with what it means. */
export function SignalPicker({ value, onChange }: { value: OpsSignalName; onChange(value: OpsSignalName): void }) {
  const { description, unit, labels } = OPS_SIGNALS[value];
  return (
    <Field
      label="Signal"
      help={`${description} In: ${UNITS[unit]}. ${labels.length === 0 ? 'One value.' : `One value for each ${labels.join(' and ')}.`}`}
    >
      {(props) => (
        <Select {...props} value={value} onChange={onChange}>
          {OPS_MONITORS.map((monitor) => (
            <optgroup key={monitor} label={MONITORS[monitor]}>
              {OPS_SIGNAL_NAMES.filter((name) => OPS_SIGNALS[name].monitor === monitor).map((name) => (
                <option key={name} value={name}>
                  {OPS_SIGNALS[name].title}
                </option>
              ))}
            </optgroup>
          ))}
        </Select>
      )}
    </Field>
  );
}
