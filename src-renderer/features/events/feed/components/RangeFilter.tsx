import { CalendarClock } from 'lucide-react';
import { Popover } from 'radix-ui';
import { Button } from '../../../../ui/Button.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';

const MINUTE_MS = 60_000;
const LAST = [
  { name: '15 minutes', minutes: 15 },
  { name: 'hour', minutes: 60 },
  { name: '24 hours', minutes: 1440 },
  { name: '7 days', minutes: 10_080 },
] as const;

/** From when, and until when. */
export function RangeFilter({ search, set }: FeedSearchControl) {
  const isSet = search.from !== undefined || search.to !== undefined;
  const since = (minutes: number) =>
    set({ from: new Date(Date.now() - minutes * MINUTE_MS).toISOString(), to: undefined });
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button
          size="small"
          className="h-8"
          icon={<CalendarClock className="size-3.5" />}
          aria-label={isSet ? 'Time · 1, filter by time' : 'Time, filter by time'}
        >
          Time{isSet && ' · 1'}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label="Filter by time"
          className="z-50 w-72 space-y-3 rounded-lg border border-line-strong bg-raised p-3 shadow-float outline-none"
        >
          <div className="grid grid-cols-2 gap-1.5">
            {LAST.map(({ name, minutes }) => (
              <Button key={name} size="small" onClick={() => since(minutes)}>
                Last {name}
              </Button>
            ))}
          </div>
          <Moment label="From" time={search.from} onChange={(from) => set({ from })} />
          <Moment label="Before" time={search.to} onChange={(to) => set({ to })} />
          <Button
            size="small"
            className="w-full"
            disabled={!isSet}
            onClick={() => set({ from: undefined, to: undefined })}
          >
            Any time
          </Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Moment({
  label,
  time,
  onChange,
}: {
  label: string;
  time: string | undefined;
  onChange(time: string | undefined): void;
}) {
  return (
    <Field label={label}>
      {(props) => (
        <TextInput
          {...props}
          type="datetime-local"
          step={1}
          max="9999-12-31T23:59:59"
          value={time === undefined ? '' : localTime(time)}
          onChange={({ target }) => {
            const at = new Date(target.value);
            onChange(Number.isNaN(at.getTime()) ? undefined : at.toISOString());
          }}
        />
      )}
    </Field>
  );
}

/** As a field for times has it: where the person is, to the second. */
function localTime(time: string): string {
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 19);
}
