/** Looks at a connection step by step, until it is done or somebody has seen enough. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ConnectionStep, Inputs } from '../../../../../src-contract/index.ts';
import { client } from '../../../../rpc/client.ts';
import { withStep } from '../model/test-report.ts';

export type TestState =
  | { kind: 'none' }
  | { kind: 'running'; steps: readonly ConnectionStep[] }
  | { kind: 'ended'; steps: readonly ConnectionStep[] }
  | { kind: 'cancelled'; steps: readonly ConnectionStep[] }
  /** It could not be made, or broke off. */
  | { kind: 'broken'; steps: readonly ConnectionStep[]; error: unknown };

export function useConnectionTest() {
  const [state, setState] = useState<TestState>({ kind: 'none' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const cancel = useCallback(() => running.current?.abort(), []);
  const start = useCallback(async (input: Inputs['profiles']['test']) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    let steps: readonly ConnectionStep[] = [];
    // A test that was begun after this one has taken its place.
    const show = (next: TestState) => {
      if (running.current === controller) setState(next);
    };
    const stopped = () => show({ kind: 'cancelled', steps: steps.filter((step) => step.state !== 'running') });
    controller.signal.addEventListener('abort', stopped);
    show({ kind: 'running', steps });
    try {
      for await (const step of await client.profiles.test(input, { signal: controller.signal })) {
        if (controller.signal.aborted) return;
        steps = withStep(steps, step);
        show({ kind: 'running', steps });
      }
      if (!controller.signal.aborted) show({ kind: 'ended', steps });
    } catch (error) {
      if (!controller.signal.aborted) show({ kind: 'broken', steps, error });
    }
  }, []);
  return { state, start, cancel };
}
