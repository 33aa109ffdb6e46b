/** LISTEN and UNLISTEN, read out of SQL: the backend knows the channels, but not which session asked for them. */
import { afterFirstWord, leadingWords, type Statement } from './sql-statements.ts';

export type ListenStatement =
  | { kind: 'listen'; channel: string }
  | { kind: 'unlisten'; channel: string }
  | { kind: 'unlisten_all' };

/** NAMEDATALEN - 1: PostgreSQL cuts longer identifiers. */
const MAX_IDENTIFIER_BYTES = 63;

/** Null when the statement is neither, or is not well-formed (then the backend refuses it). */
export function readListenStatement(statement: Statement): ListenStatement | null {
  const [word] = leadingWords(statement, 1);
  if (word !== 'listen' && word !== 'unlisten') return null;
  const rest = afterFirstWord(statement);
  if (word === 'unlisten' && rest.startsWith('*')) return { kind: 'unlisten_all' };
  const channel = readIdentifier(rest);
  return channel === null ? null : { kind: word, channel };
}

/** The statement for a channel name as the backend knows it. */
export const listenSql = (channel: string): string => `LISTEN ${quoteIdentifier(channel)}`;
export const unlistenSql = (channel: string): string => `UNLISTEN ${quoteIdentifier(channel)}`;

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function readIdentifier(text: string): string | null {
  const quoted = /^"((?:[^"]|"")+)"/.exec(text)?.[1];
  if (quoted !== undefined) return cutIdentifier(quoted.replaceAll('""', '"'));
  const plain = /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*/i.exec(text)?.[0];
  // Only ASCII is folded: the cluster is UTF-8, where PostgreSQL leaves other letters alone.
  return plain === undefined ? null : cutIdentifier(plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
}

/** Cut at a character, not inside one. */
function cutIdentifier(name: string): string {
  let cut = name;
  while (Buffer.byteLength(cut) > MAX_IDENTIFIER_BYTES) cut = [...cut].slice(0, -1).join('');
  return cut;
}
