/** What lets people and agents in. It is of the computer, whichever database is open. */
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { ApiTokens } from './api-tokens.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { LoginCodes } from './login-codes.ts';

export interface Identity {
  tokens: ApiTokens;
  browserSessions: BrowserSessions;
  loginCodes: LoginCodes;
}

/** @param db `history.db` of the data folder */
export function createIdentity(db: Database, clock: Clock, logger: Logger): Identity {
  return {
    tokens: new ApiTokens(db, clock),
    browserSessions: new BrowserSessions(db, clock, logger),
    loginCodes: new LoginCodes(db, clock),
  };
}
