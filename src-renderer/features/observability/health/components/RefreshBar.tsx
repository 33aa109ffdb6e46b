/** Whether and how often the page asks again. */
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../ui/Button.tsx';
import { Switch } from '../../../../ui/fields.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { useReadHealthNow } from '../hooks/use-health-facts.ts';
import { INTERVALS_MS, useWatchPace } from '../hooks/watch-pace.ts';

const OPTIONS = INTERVALS_MS.map((interval) => ({ value: String(interval), label: `${interval / 1000} s` }));

export function RefreshBar({ isOnline, readQueues }: { isOnline: boolean; readQueues(): Promise<unknown> }) {
  const { chosen_ms, isOn, choose, setOn } = useWatchPace();
  const readHealth = useReadHealthNow();
  const [isBusy, setBusy] = useState(false);
  const readNow = async () => {
    setBusy(true);
    try {
      await Promise.all([readHealth(), readQueues()]);
    } finally {
      setBusy(false);
    }
  };
  const toggle = (on: boolean) => {
    setOn(on);
    if (on) void readNow();
  };
  return (
    <section aria-label="Refresh" className="flex flex-wrap items-center gap-2 text-xs">
      <span id="auto-refresh" className="text-muted">
        Auto-refresh
      </span>
      <Switch label="Auto-refresh" labelledBy="auto-refresh" checked={isOn} onChange={toggle} />
      <Segmented
        label="Refresh every"
        value={String(chosen_ms)}
        options={OPTIONS}
        onChange={(value) => choose(INTERVALS_MS.find((interval) => String(interval) === value) ?? chosen_ms)}
      />
      <Button
        size="small"
        icon={<RefreshCw aria-hidden="true" className="size-3.5" />}
        busy={isBusy}
        disabled={!isOnline}
        onClick={() => void readNow()}
      >
        Refresh now
      </Button>
    </section>
  );
}
