/** A file with settings, as far as it can be looked at before the engine is asked. Pure. */
import { type JsonObject, jsonObject } from '../../../../../src-contract/primitives.ts';

export type SettingsDocument = JsonObject;

/** A megabyte: everything that can be set takes a few kilobytes. */
const MAX_CHARS = 1_000_000;

/** @throws Error that says what to do */
export function readDocument(text: string, name: string): SettingsDocument {
  if (text.length > MAX_CHARS) throw new Error(`“${name}” is too large for a file with settings.`);
  const document = jsonObject.safeParse(parsed(text));
  if (document.success) return document.data;
  throw new Error(`“${name}” is no file with settings. Choose one that “Export settings” has made.`);
}

function parsed(text: string): unknown {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
