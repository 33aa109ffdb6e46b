/** Puts the input of a route where HTTP wants it: path, query string, form or JSON. */
import type { Route } from '../../../../src-main/server/route-table.ts';
import type { Answer, TestServer } from './test-server.ts';

/** Written in place of itself in the JSON text, for numbers that `JSON.stringify` cannot write. */
export const BEYOND_NUMBERS = '§1e999§';

export async function callRoute(
  server: TestServer,
  route: Route,
  input: Record<string, unknown>,
  token?: string | null,
): Promise<Answer> {
  const rest = { ...input };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const as = token === undefined ? {} : { token };
  if (route.method === 'GET') return await server.call('GET', `${path}${queryString(rest)}`, as);
  if (route.takesFile) return await server.call(route.method, path, { ...as, body: form(rest) });
  return await server.call(route.method, path, { ...as, body: jsonText(rest) });
}

export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${BEYOND_NUMBERS}"`, '1e999');
}

function queryString(input: Record<string, unknown>): string {
  const pairs = Object.entries(input).flatMap(([key, value]) => bracketed(key, value));
  return pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`;
}

/** Lists as `key[]`, objects as `key[member]`. */
function bracketed(key: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((item) => bracketed(`${key}[]`, item));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([member, item]) => bracketed(`${key}[${member}]`, item));
  }
  return [[key, String(value)]];
}

function form(input: Record<string, unknown>): FormData {
  const data = new FormData();
  for (const [key, value] of Object.entries(input)) {
    if (value instanceof Blob) data.append(key, value);
    else for (const [name, text] of bracketed(key, value)) data.append(name, text);
  }
  return data;
}
