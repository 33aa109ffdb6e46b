/** Ends a connection of `pg` for certain: its own `end` waits for a server that may never answer. */
import type { Duplex } from 'node:stream';
import type pg from 'pg';

/** What we use of pg's client; its types do not tell of it. */
interface ConnectedClient {
  connection: { stream: Duplex };
}

/** Cuts the connection at once; what waits for an answer on it, or for the connection itself, fails. */
export function dropClient(client: pg.ClientBase): void {
  (client as unknown as ConnectedClient).connection.stream.destroy();
}

/** Says goodbye, and cuts the connection when the server has not let it go after `limit_ms`. Never fails. */
export async function endClient(client: pg.Client, limit_ms: number): Promise<void> {
  const limit = setTimeout(() => dropClient(client), limit_ms);
  await client.end();
  clearTimeout(limit);
}
