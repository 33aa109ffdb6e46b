/** Looks for secrets in bytes, however they may be written there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readZip } from './zip-reader.ts';

export interface Canary {
  /** Where it is kept, for the message of a test that fails. */
  name: string;
  secret: string;
}

/** Ways to write a text: as it is, in JSON, in addresses, in hexadecimal, and in base64 wherever in it. */
export function waysOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret, 'utf8');
  const json = JSON.stringify(secret).slice(1, -1);
  const texts = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap((shift) => [inside(bytes, shift, 'base64'), inside(bytes, shift, 'base64url')]),
  ];
  return [...new Set(texts)].map((text) => Buffer.from(text, 'utf8'));
}

/** What is the same of it in base64, whatever stands before and after. */
function inside(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(encoding)
    .replaceAll('=', '');
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((shift * 8) / 6), whole);
}

/** Everything that was said, by who said it; and which secrets are in it. */
export class Said {
  readonly #pieces: { source: string; bytes: Buffer }[] = [];

  add(source: string, content: unknown): void {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(textOf(content), 'utf8');
    this.#pieces.push({ source, bytes });
    for (const inner of unpacked(bytes)) this.#pieces.push({ source, bytes: inner });
  }

  /** Every file below a folder. */
  addFolder(source: string, folder: string, isLeftOut: (name: string) => boolean = () => false): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !isLeftOut(relative(folder, path))) {
        this.add(`${source}/${relative(folder, path)}`, readFileSync(path));
      }
    }
  }

  get sources(): string[] {
    return [...new Set(this.#pieces.map(({ source }) => source))];
  }

  /** As in "token in logs/archon.log". */
  leaks(canaries: readonly Canary[]): string[] {
    const found = canaries.flatMap(({ name, secret }) => {
      const ways = waysOf(secret);
      return this.#pieces
        .filter(({ bytes }) => ways.some((way) => bytes.includes(way)))
        .map(({ source }) => `${name} in ${source}`);
    });
    return [...new Set(found)];
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (content instanceof Error) {
    const more = JSON.stringify(content, Object.getOwnPropertyNames(content));
    return `${content.stack}\n${more}\n${content.cause === undefined ? '' : textOf(content.cause)}`;
  }
  return JSON.stringify(content) ?? String(content);
}

function unpacked(bytes: Buffer): Buffer[] {
  if (bytes.length < 4) return [];
  if (bytes.readUInt16BE(0) === 0x1f8b) return [gunzipSync(bytes)];
  if (bytes.readUInt32BE(0) === 0x504b0304) return [...readZip(bytes).values()];
  return [];
}
