/** What there is around one engine on its data folder: its secrets and the doctor. */
import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import { createDoctor, type Doctor } from '../doctor/create-doctor.ts';
import type { Engine } from '../engine.ts';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { createSecrets, type Secrets } from '../secrets/create-secrets.ts';
import type { Config } from '../settings/config-schema.ts';

interface Deps {
  engine: Engine;
  config: Config;
  logger: Logger;
  clock?: Clock;
}

export function engineInstallation({ engine, config, logger, clock = systemClock }: Deps): {
  secrets: Secrets;
  doctor: Doctor;
} {
  const scope = { org_id: LOCAL_ORG_ID, actor: 'archon' };
  const secrets = createSecrets({
    box: engine.secrets,
    stores: () => engine.sealedStores,
    clock,
    logger: componentLogger(logger, 'identity'),
  });
  const doctor = createDoctor({
    clock,
    host: () => ({
      config,
      clock,
      database: engine.database,
      secrets: () => secrets.status(scope),
      backUp: async () => (await engine.services.backups.make()).name,
    }),
  });
  return { secrets, doctor };
}
