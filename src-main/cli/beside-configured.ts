import type { Config } from '../settings/config-schema.ts';
import { CommandError } from './exit-codes.ts';

/** @throws CommandError when the configuration sets the connection and a profile is wanted */
export function refuseBesideConfigured(config: Config, wanted: string | undefined): void {
  if (config['database.url'] === null || wanted === undefined) return;
  throw new CommandError(
    'usage',
    'The connection is set by database.url, which goes before connection profiles: unset it, or leave --profile out.',
  );
}
