/** Above the form while settings wait for a restart of the engine. */
import { useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Setting } from '../../../../../src-contract/index.ts';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { plural } from '../../../../ui/format.ts';

export function RestartBar({ waiting }: { waiting: readonly Setting[] }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  if (waiting.length === 0) return null;
  const restart = async () => {
    setBusy(true);
    try {
      await client.settings.restart({});
      toast.success('The engine has restarted: everything that is set is in force.');
    } catch (error) {
      const { code } = problemOf(error);
      // The answer was lost with the engine that was to give it.
      if (code === undefined) toast.info('The engine is restarting. This window comes back by itself.');
      else toast.error(`The engine did not restart: ${problemOf(error).message}`);
    }
    setBusy(false);
    setAsking(false);
    await queryClient.invalidateQueries();
  };
  const names = waiting.map(({ title }) => title).join(', ');
  return (
    <section
      aria-label="Restart"
      className="flex shrink-0 items-center gap-3 border-warn/40 border-b bg-warn/15 px-4 py-1.5"
    >
      <p title={names} className="one-line min-w-0 flex-1">
        <span className="text-warn">{plural(waiting.length, 'setting waits', 'settings wait')} for a restart:</span>{' '}
        {names}
      </p>
      <Button size="small" icon={<RefreshCw className="size-3.5" />} onClick={() => setAsking(true)}>
        Restart the engine now
      </Button>
      <Confirm
        open={asking}
        onOpenChange={(open) => !busy && setAsking(open)}
        title="Restart the engine now?"
        action="Restart"
        busy={busy}
        onConfirm={() => void restart()}
      >
        Agents are refused for some seconds; this window stays. It is not done while imports or exports run.
      </Confirm>
    </section>
  );
}
