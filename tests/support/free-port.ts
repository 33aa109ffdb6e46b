/** A port of the loopback that nobody listens on. */
import { createServer } from 'node:net';

// Below the ports that Linux, macOS and Windows give to outgoing connections: one of those may be taken by a
// connection between the moment it is found free and the moment a server listens on it, or while a server restarts.
const FIRST_PORT = 20_000;
const PORTS = 12_000;

const given = new Set<number>();

/** Never the same one twice in a process. */
export async function freePort(): Promise<number> {
  while (given.size < PORTS) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${FIRST_PORT} and ${FIRST_PORT + PORTS - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
