/** The text of an edited payload: JSON, an object, and nothing the engine would refuse. */
import { z } from 'zod';
import type { JsonObject } from '../../../../src-contract/index.ts';
import { jsonObject } from '../../../../src-contract/primitives.ts';
import { jsonFault } from './json-fault.ts';

/** Undefined when it may be sent. */
function payloadFault(text: string): string | undefined {
  const fault = jsonFault(text);
  if (fault !== undefined) return `Line ${fault.line}, column ${fault.column}: ${fault.message}`;
  const parsed = jsonObject.safeParse(JSON.parse(text));
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  if (issue === undefined || issue.code === 'invalid_type') return 'A payload is a JSON object: { … }.';
  const path = issue.path.map(String).join('.');
  return `${path === '' ? 'The payload' : `“${path}”`} ${issue.message}.`;
}

export const payloadForm = z.object({
  text: z.string().superRefine((text, context) => {
    const message = payloadFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
});

/** Of a text that {@link payloadForm} has taken. */
export const payloadOf = (text: string): JsonObject => jsonObject.parse(JSON.parse(text));
