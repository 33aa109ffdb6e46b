import type { Logger } from 'pino';
import type { LogComponent } from '../../../src-contract/index.ts';

/** The logger of a part of Archon: what it says carries the part's name. */
export const componentLogger = (logger: Logger, component: LogComponent): Logger => logger.child({ component });
