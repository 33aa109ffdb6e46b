/** What a test of a connection has told so far, and in words. */
import type { ConnectionStep, ConnectionStepName } from '../../../../../src-contract/index.ts';

export const STEP_NAMES: Readonly<Record<ConnectionStepName, string>> = {
  dns: 'Find the host',
  tcp: 'Reach the server',
  tls: 'Encrypt',
  login: 'Log in',
  version: 'Version of PostgreSQL',
  pooler: 'Pooler between',
  rights: 'Rights',
  extensions: 'Extensions',
  migrations: 'Migrations',
  latency: 'Latency',
  redis_dns: 'Redis: find the host',
  redis_tcp: 'Redis: reach the server',
  redis_tls: 'Redis: encrypt',
  redis_login: 'Redis: log in',
  redis_version: 'Redis: version',
  redis_latency: 'Redis: latency',
};

const STATE_NAMES: Readonly<Record<ConnectionStep['state'], string>> = {
  running: 'running',
  ok: 'ok',
  warning: 'warning',
  failed: 'failed',
  skipped: 'skipped',
};

/** What is told of a step later takes the place of what was told before. */
export function withStep(steps: readonly ConnectionStep[], told: ConnectionStep): ConnectionStep[] {
  const index = steps.findIndex(({ step }) => step === told.step);
  return index < 0 ? [...steps, told] : steps.with(index, told);
}

export type Outcome = 'ok' | 'warning' | 'failed';

export function outcomeOf(steps: readonly ConnectionStep[]): Outcome {
  if (steps.some(({ state }) => state === 'failed')) return 'failed';
  return steps.some(({ state }) => state === 'warning') ? 'warning' : 'ok';
}

/** For the clipboard: what support needs. Details come from the engine, which tells no secrets. */
export function reportText(name: string, steps: readonly ConnectionStep[]): string {
  const lines = steps.flatMap(({ step, state, detail, advice, took_ms }) => [
    [
      `${STEP_NAMES[step]}: ${STATE_NAMES[state]}`,
      took_ms === null ? '' : ` (${tookText(took_ms)})`,
      detail && `: ${detail}`,
    ]
      .filter(Boolean)
      .join(''),
    ...(advice === null ? [] : [`  ${advice}`]),
  ]);
  return [`Test of the connection ${name}`, ...lines].join('\n');
}

export const tookText = (took_ms: number): string =>
  took_ms < 1000 ? `${took_ms < 10 ? took_ms.toFixed(1) : Math.round(took_ms)} ms` : `${(took_ms / 1000).toFixed(1)} s`;
