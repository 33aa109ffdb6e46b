/** Services that refuse everything and say back what they were sent, as some do with a key they do not know. */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';

export interface EchoServices {
  url: string;
  smtp_port: number;
  /** What they were sent. */
  heard: readonly string[];
  stop(): Promise<void>;
}

export async function startEchoServices(): Promise<EchoServices> {
  const heard: string[] = [];
  const http = createHttpServer((request, response) => {
    const sent = `${request.url} ${JSON.stringify(request.headers)}`;
    heard.push(sent);
    request.resume();
    const body = { error: { message: `not with ${sent}` } };
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const smtp = createTcpServer((socket) => {
    socket.write('220 echo\r\n');
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const line = data.toString('utf8').trim();
      heard.push(line);
      if (line.startsWith('EHLO')) socket.write('250-echo\r\n250 AUTH PLAIN LOGIN\r\n');
      else socket.write(`535 5.7.8 not with ${line}\r\n`);
    });
  });
  const [http_port, smtp_port] = await Promise.all([listen(http), listen(smtp)]);
  return {
    url: `http://127.0.0.1:${http_port}`,
    smtp_port,
    heard,
    stop: async () => {
      http.closeAllConnections();
      await Promise.all([http, smtp].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
