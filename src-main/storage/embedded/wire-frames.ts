/**
 * The frames of the PostgreSQL protocol that the embedded server writes itself, and the parts of others it has to read.
 *
 * A frame is a type byte, an Int32 length that counts itself, and a body. Startup packets have no type byte.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */

/** 'I' no transaction, 'T' inside one, 'E' inside one that has failed and only takes ROLLBACK. */
export type TransactionStatus = 'I' | 'T' | 'E';

export interface WireError {
  /** Default ERROR; FATAL tells the client that the connection ends. */
  severity?: 'ERROR' | 'FATAL';
  /** SQLSTATE. */
  code: string;
  message: string;
  hint?: string;
}

const HEADER_BYTES = 5;

export function frameType(frame: Buffer): string {
  return String.fromCharCode(frame[0] ?? 0);
}

export function frameBody(frame: Buffer): Buffer {
  return frame.subarray(HEADER_BYTES);
}

/** The zero-terminated string at `offset`, and where the next field begins. */
export function readString(buffer: Buffer, offset: number): { value: string; next: number } {
  const found = buffer.indexOf(0, offset);
  const end = found === -1 ? buffer.length : found;
  return { value: buffer.toString('utf8', offset, end), next: end + 1 };
}

export function frame(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};

// What a server sends.

export const authenticationOk = (): Buffer => frame('R', int32(0));
export const parameterStatus = (name: string, value: string): Buffer => frame('S', name, value);
export const backendKeyData = (pid: number, secret: number): Buffer => frame('K', int32(pid), int32(secret));
export const readyForQuery = (status: TransactionStatus): Buffer => frame('Z', Buffer.from(status));

export function errorResponse(error: WireError): Buffer {
  const severity = error.severity ?? 'ERROR';
  const fields = [`S${severity}`, `V${severity}`, `C${error.code}`, `M${error.message}`];
  if (error.hint) fields.push(`H${error.hint}`);
  return frame('E', ...fields, Buffer.alloc(1));
}

// What a client sends.

export const simpleQuery = (sql: string): Buffer => frame('Q', sql);
/** Parse of an unnamed statement without declared parameter types. */
export const parseUnnamed = (sql: string): Buffer => frame('P', '', sql, Buffer.alloc(2));
export const sync = (): Buffer => frame('S');
export const flush = (): Buffer => frame('H');

export function startupPacket(parameters: Record<string, string>): Buffer {
  const PROTOCOL_3_0 = 196608;
  const strings = Object.entries(parameters).flat();
  const body = Buffer.concat([int32(PROTOCOL_3_0), Buffer.from(`${strings.join('\0')}\0\0`)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** SQLSTATE, severity and message of an ErrorResponse or NoticeResponse. */
export function readError(error: Buffer): { severity: string; code: string; message: string } {
  const fields: Record<string, string> = {};
  let offset = HEADER_BYTES;
  while (offset < error.length && error[offset] !== 0) {
    const { value, next } = readString(error, offset + 1);
    fields[String.fromCharCode(error[offset] ?? 0)] = value;
    offset = next;
  }
  return { severity: fields.V ?? fields.S ?? 'ERROR', code: fields.C ?? 'XX000', message: fields.M ?? '' };
}
