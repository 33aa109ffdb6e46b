import { Progress as Radix } from 'radix-ui';

/** How far something is, from 0 to 1; null when nobody knows. */
export function Progress({ label, value }: { label: string; value: number | null }) {
  return (
    <Radix.Root
      aria-label={label}
      value={value === null ? null : Math.round(value * 100)}
      className="h-2 w-full overflow-hidden rounded-full bg-hover"
    >
      <Radix.Indicator
        className="h-full rounded-full bg-accent transition-[width] data-[state=indeterminate]:w-1/3 data-[state=indeterminate]:animate-pulse"
        style={value === null ? {} : { width: `${value * 100}%` }}
      />
    </Radix.Root>
  );
}
