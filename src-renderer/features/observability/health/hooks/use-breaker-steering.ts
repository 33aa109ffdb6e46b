/** Does things with a breaker: one at a time, with a word about what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import type { SettingName, SettingsPatch } from '../model/breaker-settings.ts';
import { type BreakerAction, needsConsent, reasonAgainst } from '../model/breaker-words.ts';
import { latencyText } from '../model/latency-text.ts';
import { useReadHealthNow } from './use-health-facts.ts';

export interface BreakerSteering {
  busy: BreakerAction | 'settings' | undefined;
  /** What waits for the person. */
  asking: BreakerAction | undefined;
  reason(action: BreakerAction): string | undefined;
  /** Does it, asks first where it is risky, or says why it cannot be done. */
  act(action: BreakerAction): void;
  /** @param reason kept with an isolation */
  consent(reason: string): void;
  dismiss(): void;
  /** @returns whether it is done */
  change(patch: SettingsPatch): Promise<boolean>;
  backToConfigured(name: SettingName): Promise<boolean>;
}

export function useBreakerSteering(breaker: Breaker, title: string): BreakerSteering {
  const queryClient = useQueryClient();
  const readNow = useReadHealthNow();
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  const [busy, setBusy] = useState<BreakerSteering['busy']>();
  const [asking, setAsking] = useState<BreakerAction>();

  /** What the engine answered is shown at once; the rest is read again. */
  const take = async (changed: Breaker) => {
    const { queryKey } = api.resilience.list.queryOptions();
    // An answer from before the change must not come after it.
    await queryClient.cancelQueries({ queryKey });
    queryClient.setQueryData(queryKey, (before) =>
      before === undefined
        ? undefined
        : { items: before.items.map((each) => (each.name === changed.name ? changed : each)) },
    );
    void readNow();
    void queryClient.invalidateQueries({ queryKey: api.resilience.history.key() });
  };
  /** @returns whether it is done */
  const during = async (what: BreakerAction | 'settings', work: () => Promise<void>): Promise<boolean> => {
    setBusy(what);
    try {
      await work();
      return true;
    } catch (error) {
      toast.error(`${NOT_DONE[what](title)}: ${problemOf(error).message}`);
      return false;
    } finally {
      setBusy(undefined);
    }
  };
  const name = { breaker: breaker.name };
  const calls: Readonly<Record<BreakerAction, (reason: string) => Promise<void>>> = {
    probe: async () => {
      const { outcome, breaker: after } = await client.resilience.probe(name);
      await take(after);
      if (outcome.kind === 'failed') toast.error(`${title} does not answer: ${localTimes(outcome.reason)}`);
      else toast.success(`${title} answered in ${latencyText(outcome.latency_ms)}: ${outcome.detail}`);
    },
    reset: async () => {
      await take(await client.resilience.reset(name));
      toast.success(`The breaker of ${title} is closed.`);
    },
    isolate: async (reason) => {
      await take(await client.resilience.isolate({ ...name, reason }));
      toast.success(`${title} is isolated.`);
    },
    release: async () => {
      await take(await client.resilience.release(name));
      toast.success(`${title} is released.`);
    },
  };
  const call = (action: BreakerAction, reason = '') => during(action, () => calls[action](reason));
  const update = (patch: { [K in SettingName]?: Breaker[K] | null }, done: string) =>
    during('settings', async () => {
      await take(await client.resilience.update({ service: breaker.service, ...patch }));
      toast.success(done);
    });

  return {
    busy,
    asking,
    reason: (action) => reasonAgainst(action, breaker, isOnline),
    act: (action) => {
      const against = reasonAgainst(action, breaker, isOnline);
      if (against !== undefined) toast.info(against);
      else if (needsConsent(action)) setAsking(action);
      else if (busy === undefined) void call(action);
    },
    consent: (reason) => {
      if (asking === undefined || busy !== undefined) return;
      void call(asking, reason).then((isDone) => isDone && setAsking((now) => (now === asking ? undefined : now)));
    },
    dismiss: () => setAsking(undefined),
    change: (patch) => update(patch, `The settings of ${title} hold from now on.`),
    backToConfigured: (setting) => update({ [setting]: null }, `${title} is back on what is configured.`),
  };
}

const NOT_DONE: Readonly<Record<BreakerAction | 'settings', (title: string) => string>> = {
  probe: (title) => `${title} could not be probed`,
  reset: (title) => `The breaker of ${title} could not be reset`,
  isolate: (title) => `${title} could not be isolated`,
  release: (title) => `${title} could not be released`,
  settings: (title) => `The settings of ${title} could not be changed`,
};
