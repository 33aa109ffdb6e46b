import { CalendarClock } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../Button.tsx';
import { Field, TextInput } from '../fields.tsx';
import { useDebounced } from '../use-debounced.ts';
import { FilterPopover } from './FilterPopover.tsx';

const MINUTE_MS = 60_000;
/** A year is typed digit by digit, and each of them is a time. */
const TYPING_MS = 500;
const LAST = [
  { name: '15 minutes', minutes: 15 },
  { name: 'hour', minutes: 60 },
  { name: '24 hours', minutes: 1440 },
  { name: '7 days', minutes: 10_080 },
] as const;

export interface RangeControl {
  search: { from?: string | undefined; to?: string | undefined };
  set(patch: { from?: string | undefined; to?: string | undefined }, options?: { replace?: boolean }): void;
}

/** From when, and until when. */
export function RangeFilter({ search, set }: RangeControl) {
  const isSet = search.from !== undefined || search.to !== undefined;
  // Here, where they outlive the popover: what was typed last is not lost when it closes.
  const from = useTypedTime({ search, set }, 'from');
  const to = useTypedTime({ search, set }, 'to');
  const since = (minutes: number) =>
    set({ from: new Date(Date.now() - minutes * MINUTE_MS).toISOString(), to: undefined });
  return (
    <FilterPopover
      name={isSet ? 'Time · 1' : 'Time'}
      buttonLabel={isSet ? 'Time · 1, filter by time' : 'Time, filter by time'}
      label="Filter by time"
      icon={<CalendarClock className="size-3.5" />}
    >
      <div className="grid grid-cols-2 gap-1.5">
        {LAST.map(({ name, minutes }) => (
          <Button key={name} size="small" onClick={() => since(minutes)}>
            Last {name}
          </Button>
        ))}
      </div>
      <Moment label="From" {...from} />
      <Moment label="Before" {...to} />
      <Button size="small" className="w-full" disabled={!isSet} onClick={() => set({ from: undefined, to: undefined })}>
        Any time
      </Button>
    </FilterPopover>
  );
}

interface TypedTime {
  typed: string;
  onType(typed: string): void;
}

/** A time as it is typed: it goes into the URL when the typing rests. */
function useTypedTime({ search, set }: RangeControl, member: 'from' | 'to'): TypedTime {
  const time = search[member];
  const shown = time === undefined ? '' : localTime(time);
  const [typed, setTyped] = useState(shown);
  const rested = useDebounced(typed, TYPING_MS);
  const sent = useRef(shown);
  useEffect(() => {
    const at = timeOf(rested);
    const next = at === undefined ? '' : localTime(at);
    if (next === sent.current) return;
    sent.current = next;
    set({ [member]: at }, { replace: true });
  }, [rested, set, member]);
  // Changed from elsewhere: a button, a chip, "back".
  useEffect(() => {
    if (shown === sent.current) return;
    sent.current = shown;
    setTyped(shown);
  }, [shown]);
  return { typed, onType: setTyped };
}

function Moment({ label, typed, onType }: TypedTime & { label: string }) {
  return (
    <Field label={label}>
      {(props) => (
        <TextInput
          {...props}
          type="datetime-local"
          step={1}
          max="9999-12-31T23:59:59"
          value={typed}
          onChange={({ target }) => onType(target.value)}
        />
      )}
    </Field>
  );
}

/** Nothing while it is not whole. */
function timeOf(typed: string): string | undefined {
  const at = new Date(typed);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** As a field for times has it: where the person is, to the second. */
function localTime(time: string): string {
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 19);
}
