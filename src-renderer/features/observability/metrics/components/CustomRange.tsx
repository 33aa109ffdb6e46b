import { CalendarClock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../../../ui/Button.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { FilterPopover } from '../../../../ui/filters/FilterPopover.tsx';
import { engineNow } from '../hooks/engine-clock.ts';
import type { MetricsSearchControl } from '../hooks/use-metrics-search.ts';
import { fieldTime } from '../model/range-words.ts';
import { type CheckedSpan, checkedSpan, type Span, spanOf } from '../model/time-range.ts';

/** From when, and until when, as a person types it. */
export function CustomRange({ range, goTo }: Pick<MetricsSearchControl, 'range' | 'goTo'>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <FilterPopover
      name="Custom"
      buttonLabel="Custom time range"
      label="Custom time range"
      icon={<CalendarClock className="size-3.5" />}
      open={isOpen}
      onOpenChange={setOpen}
    >
      <RangeForm
        range={range}
        goTo={(span) => {
          setOpen(false);
          goTo(span);
        }}
      />
    </FilterPopover>
  );
}

/** Begins with what is shown now, each time it is opened. */
function RangeForm({ range, goTo }: Pick<MetricsSearchControl, 'range' | 'goTo'>) {
  const [begun] = useState(() => spanOf(range, engineNow()));
  const [typed, setTyped] = useState({ from: fieldTime(begun.from_ms), to: fieldTime(begun.to_ms) });
  const [checked, setChecked] = useState<CheckedSpan>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const result = checkedSpan(exactly(typed, begun), engineNow());
    setChecked(result);
    if (result.ok) goTo(result.span);
  };
  const problems = checked?.ok === false ? checked : undefined;
  const type = (member: 'from' | 'to') => (value: string) => {
    setChecked(undefined);
    setTyped((before) => ({ ...before, [member]: value }));
  };
  return (
    <form noValidate onSubmit={submit} className="space-y-3">
      <Moment label="From" value={typed.from} error={problems?.from} onType={type('from')} />
      <Moment label="To" value={typed.to} error={problems?.to} onType={type('to')} />
      <p className="text-faint text-xs">In the time of this computer. Figures are kept for 30 days.</p>
      <Button type="submit" look="primary" size="small" className="w-full">
        Show
      </Button>
    </form>
  );
}

/** What was left as it was is that very moment: a field has no parts of a second, and no second hour of two that are alike. */
const exactly = (typed: { from: string; to: string }, { from_ms, to_ms }: Span) => ({
  from: typed.from === fieldTime(from_ms) ? new Date(from_ms).toISOString() : typed.from,
  to: typed.to === fieldTime(to_ms) ? new Date(to_ms).toISOString() : typed.to,
});

interface MomentProps {
  label: string;
  value: string;
  error: string | undefined;
  onType(value: string): void;
}

function Moment({ label, value, error, onType }: MomentProps) {
  return (
    <Field label={label} error={error}>
      {(props) => (
        <TextInput
          {...props}
          type="datetime-local"
          step={1}
          max="9999-12-31T23:59:59"
          value={value}
          onChange={({ target }) => onType(target.value)}
        />
      )}
    </Field>
  );
}
