/** Certificates and keys out of the files that an address or the environment names. */
import { readFileSync, statSync } from 'node:fs';
import { invalidField } from '../errors.ts';

const MAX_BYTES = 200_000;
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[\s\S]+-----END \1-----/;

/** The certificates of a file and nothing else of it: whoever names a file must not come to read it that way. */
export function readCertificates(field: string, path: string): string {
  const found = read(field, path).match(CERTIFICATES);
  if (found === null) throw invalidField(field, `names ${shorten(path)}, which holds no certificate in PEM`);
  return `${found.join('\n')}\n`;
}

export function readKey(field: string, path: string): string {
  const [key] = KEY.exec(read(field, path)) ?? [];
  if (key === undefined) throw invalidField(field, `names ${shorten(path)}, which holds no private key in PEM`);
  return `${key}\n`;
}

function read(field: string, path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw invalidField(field, `names ${shorten(path)}, which is too large`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'VALIDATION_FAILED') throw error;
    throw invalidField(field, `names ${shorten(path)}, which cannot be read (${code ?? 'unreadable'})`);
  }
}

const shorten = (path: string): string => (path.length > 200 ? `…${path.slice(-200)}` : path);
