/** Tries a service as it would be set: a real request, a real mail, a real message. */
import type { ServiceTest, TestableService } from '../../../src-contract/index.ts';
import { SendFailure, withoutSecrets } from '../../alerting/send-failure.ts';
import { assertNever } from '../../errors.ts';
import { testEmail, testSlack, testWebhook } from './alert-channels.ts';
import { testEmbedding, testLlm } from './model-services.ts';
import {
  type Passed,
  ServiceTestFailure,
  type ServiceTestOptions,
  type ServiceValues,
  secretOf,
} from './service-test.ts';

/** Milliseconds: a model that lies on a disk takes its time the first time. */
const TIMEOUT_MS = 25_000;
const SECRETS = [
  'embedding.api_key',
  'llm.api_key',
  'alerts.smtp_password',
  'alerts.slack_url',
  'alerts.webhook_secret',
] as const;

/**
 * Never throws for what the service does or what the values are; the message says what to do, and never holds a secret.
 *
 * @param values those that hold, with those that are to be tried over them
 */
export async function testService(
  service: TestableService,
  values: ServiceValues,
  { timeout_ms = TIMEOUT_MS, ...options }: Omit<ServiceTestOptions, 'timeout_ms'> & { timeout_ms?: number },
): Promise<ServiceTest> {
  const nothing = { latency_ms: null, models: null, dimensions: null };
  const secrets = SECRETS.map((key) => secretOf(values, key));
  try {
    const began = performance.now();
    const passed = await run(service, values, { ...options, timeout_ms });
    const latency_ms = passed.latency_ms ?? Math.round(performance.now() - began);
    return { ...nothing, ...passed, ok: true, latency_ms, message: withoutSecrets(passed.message, secrets) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof ServiceTestFailure || error instanceof SendFailure)) throw error;
    const models = error instanceof ServiceTestFailure ? error.models : null;
    return { ...nothing, ok: false, models, message: withoutSecrets(error.message, secrets) };
  }
}

async function run(service: TestableService, values: ServiceValues, options: ServiceTestOptions): Promise<Passed> {
  switch (service) {
    case 'embedding':
      return await testEmbedding(values, options);
    case 'llm':
      return await testLlm(values, options);
    case 'email':
      return await testEmail(values, options);
    case 'slack':
      return await testSlack(values, options);
    case 'webhook':
      return await testWebhook(values, options);
    default:
      return assertNever(service);
  }
}
