/**
 * Values as text and back, as far as structured clone goes: what crosses between a page and the test process.
 *
 * This file is also injected into pages, so it stands alone.
 */
type Encoded = unknown;

export interface Codec {
  pack(value: unknown): string;
  unpack(text: string): unknown;
}

export function codec(): Codec {
  const toBase64 = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  function encode(value: unknown): Encoded {
    if (value === undefined) return { $: 'undefined' };
    if (typeof value === 'bigint') return { $: 'bigint', v: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value)) return { $: 'number', v: String(value) };
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof Date) return { $: 'date', v: value.getTime() };
    if (value instanceof Map) return { $: 'map', v: [...value].map(([key, entry]) => [encode(key), encode(entry)]) };
    if (value instanceof Set) return { $: 'set', v: [...value].map(encode) };
    if (value instanceof Error) return { $: 'error', name: value.name, message: value.message };
    if (value instanceof ArrayBuffer) return { $: 'buffer', v: toBase64(new Uint8Array(value)) };
    if (ArrayBuffer.isView(value)) {
      return { $: 'bytes', v: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    }
    if (Array.isArray(value)) return value.map(encode);
    return { $: 'object', v: Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, encode(entry)])) };
  }

  // biome-ignore lint/suspicious/noExplicitAny: the encoding above says what is in it.
  function decode(value: any): unknown {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(decode);
    switch (value.$) {
      case 'undefined':
        return undefined;
      case 'bigint':
        return BigInt(value.v);
      case 'number':
        return Number(value.v);
      case 'date':
        return new Date(value.v);
      case 'map':
        return new Map(value.v.map(([key, entry]: [unknown, unknown]) => [decode(key), decode(entry)]));
      case 'set':
        return new Set(value.v.map(decode));
      case 'error':
        return Object.assign(new Error(value.message), { name: value.name });
      case 'buffer':
        return fromBase64(value.v).buffer;
      case 'bytes':
        return fromBase64(value.v);
      default:
        return Object.fromEntries(Object.entries(value.v).map(([key, entry]) => [key, decode(entry)]));
    }
  }

  return {
    // What cannot be cloned fails here as it does in Electron.
    pack: (value) => JSON.stringify(encode(structuredClone(value))),
    unpack: (text) => decode(JSON.parse(text)),
  };
}
