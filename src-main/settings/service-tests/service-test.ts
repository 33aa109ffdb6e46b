/** What a test of a service is, and what comes of it. */
import type { ServiceTest, SettingValue } from '../../../src-contract/index.ts';
import type { WebhookRequest } from '../../events/delivery/webhooks/send-request.ts';

/** Values of settings by key: those that hold, with those that are to be tried over them. */
export type ServiceValues = Readonly<Record<string, SettingValue | undefined>>;

export interface ServiceTestOptions {
  now_ms: number;
  /** Milliseconds a test may take altogether. */
  timeout_ms: number;
  signal?: AbortSignal | undefined;
  /** Of a mail server: authorities to trust besides those of the system, as PEM. */
  ca?: string | undefined;
  lookup?: WebhookRequest['lookup'] | undefined;
}

/** Something is wrong that the person can mend; the message says what to do. */
export class ServiceTestFailure extends Error {
  override readonly name = 'ServiceTestFailure';
  readonly models: string[] | null;

  constructor(message: string, { models = null, ...options }: ErrorOptions & { models?: string[] | null } = {}) {
    super(message, options);
    this.models = models;
  }
}

/** What a test that came to its end says. */
export type Passed = Pick<ServiceTest, 'message'> & Partial<ServiceTest>;

export function textOf(values: ServiceValues, key: string): string | null {
  const value = values[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** As it is: a password may begin with a blank. */
export function secretOf(values: ServiceValues, key: string): string | null {
  const value = values[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(values: ServiceValues, key: string): number | null {
  const value = values[key];
  return typeof value === 'number' ? value : null;
}

/** @throws ServiceTestFailure with what to do when it is not set */
export function required(values: ServiceValues, key: string, toDo: string): string {
  const text = textOf(values, key);
  if (text === null) throw new ServiceTestFailure(toDo);
  return text;
}
