/** Methods and paths of the contract, to know before a body is read what a request may carry. */
import {
  type AnyContractProcedure,
  type AnyContractRouter,
  getEventIteratorSchemaDetails,
  isContractProcedure,
} from '@orpc/contract';
import { z } from 'zod';

export interface Route {
  /** Place in the contract, such as `sessions.create`. */
  name: string;
  method: string;
  path: string;
  /** True when the input holds a file: the body is a form then, JSON otherwise. */
  takesFile: boolean;
  /** True when the answer is a stream of events, which stays open. */
  streams: boolean;
  procedure: AnyContractProcedure;
}

/** Routes that need no token. */
export const PUBLIC_ROUTES: ReadonlySet<string> = new Set(['health.live']);

/** Routes that tell of this process and touch no organisation's data: they answer also when the database cannot. */
export const PROCESS_ROUTES: ReadonlySet<string> = new Set([
  'health.deep',
  'health.memory',
  'health.events',
  'metrics.current',
  'metrics.series',
]);

export type RouteMatch = { kind: 'route'; route: Route } | { kind: 'wrong_method'; allow: string[] } | { kind: 'none' };

/** Every route of a contract, in its order. */
export function listRoutes(contract: AnyContractRouter, prefix = ''): Route[] {
  const routes: Route[] = [];
  for (const [key, value] of Object.entries(contract)) {
    const name = `${prefix}${key}`;
    if (!isContractProcedure(value)) {
      routes.push(...listRoutes(value, `${name}.`));
      continue;
    }
    const { route, inputSchema, outputSchema } = value['~orpc'];
    if (!route.method || !route.path) throw new Error(`the route ${name} has no method or path`);
    routes.push({
      name,
      method: route.method,
      path: route.path,
      takesFile: inputSchema instanceof z.ZodObject && Object.values(inputSchema.shape).some(isFile),
      streams: getEventIteratorSchemaDetails(outputSchema) !== undefined,
      procedure: value,
    });
  }
  return routes;
}

const isFile = (schema: unknown): boolean => schema instanceof z.ZodFile;

export class RouteTable {
  readonly #routes: { segments: string[]; route: Route }[];

  constructor(contract: AnyContractRouter) {
    const routes = listRoutes(contract).map((route) => ({ segments: split(route.path), route }));
    // A fixed segment wins over a parameter, as in oRPC's own matcher.
    this.#routes = routes.sort((a, b) => parameters(a.segments) - parameters(b.segments));
  }

  match(method: string, pathname: string): RouteMatch {
    const segments = split(pathname);
    const fitting = this.#routes.filter((entry) => fits(entry.segments, segments));
    // HEAD is GET without the body (RFC 9110, 9.3.2), which the server leaves away.
    const asked = method === 'HEAD' ? 'GET' : method;
    const found = fitting.find((entry) => entry.route.method === asked);
    if (found) return { kind: 'route', route: found.route };
    const methods = fitting.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]));
    const allow = [...new Set(methods)].sort();
    return allow.length > 0 ? { kind: 'wrong_method', allow } : { kind: 'none' };
  }
}

const split = (path: string): string[] => path.replace(/^\/|\/$/g, '').split('/');
const isParameter = (segment: string): boolean => segment.startsWith('{');
const parameters = (segments: string[]): number => segments.filter(isParameter).length;

function fits(pattern: string[], segments: string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, index) => (isParameter(part) ? segments[index] !== '' : part === segments[index]));
}
