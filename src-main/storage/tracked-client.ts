import pg from 'pg';

/** Resolves when the connection is gone. */
export const ended = (client: pg.Client): Promise<void> => new Promise((resolve) => client.once('end', resolve));

/** A client that is in `connections` while it has, or asks for, a connection: the pool does not tell which it has. */
export function trackedClient(connections: Set<pg.Client>): new (config?: pg.ClientConfig) => pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      connections.add(this);
      this.once('end', () => connections.delete(this));
    }
  };
}
