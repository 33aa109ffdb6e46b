/** What the user interface in a browser and its server know of each other beside the routes. */
import { z } from 'zod';

/** Where the routes are served over a WebSocket. */
export const RPC_PATH = '/rpc';

/** Why the server ends the WebSocket: what the page reads from the `close` event. */
export const RPC_CLOSE = {
  /** The server stops; connect again in a while. */
  GOING_AWAY: { code: 1001, reason: 'the server stops' },
  /** A message that is not a call: the page is not of this version; load it again. */
  NOT_A_CALL: { code: 4400, reason: 'a message that is not a call' },
  /** Logged out, expired, or the token was revoked; log in again. */
  SESSION_ENDED: { code: 4401, reason: 'the session ended' },
  /** The page took nothing of what waits for it; connect again. */
  TOO_SLOW: { code: 4408, reason: 'the reader is too slow' },
} as const;

/** Name of the `meta` element with which the page itself says, as {@link SESSION_OPEN}, that somebody is logged in. */
export const SESSION_META = 'archon-session';
export const SESSION_OPEN = 'open';

/** Answer of `GET /auth/session`. */
export const loginState = z.object({
  authenticated: z.boolean(),
  /** Name of the token the session stands on; what the person changes carries it. */
  token_name: z.string().nullable(),
});
export type LoginState = z.infer<typeof loginState>;
