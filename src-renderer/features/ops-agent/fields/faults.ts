/** What is wrong with a form, beside the field it is about: as the contract judges it here, and as the engine says. Pure. */
import { ORPCError } from '@orpc/client';
import { z } from 'zod';

/** By path, such as `conditions[0].limit.value`. */
export type Faults = Readonly<Record<string, string>>;

/** What a schema of the contract says against a value, in words. */
export function faultsIn(schema: z.ZodType, value: unknown): Faults {
  const faults: Record<string, string> = {};
  for (const issue of schema.safeParse(value).error?.issues ?? []) {
    // What is wrong with the name of a label is wrong with the labels.
    const path = issue.code === 'invalid_key' ? issue.path.slice(0, -1) : issue.path;
    faults[pathText(path)] ??= words(issue);
  }
  return faults;
}

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}

function words(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'It must be a whole number.' : issueOfType(issue.expected);
    case 'too_small':
      if (issue.origin === 'string') return 'It must not be empty.';
      if (issue.origin === 'array') return `It needs at least ${issue.minimum}.`;
      return `It must be at least ${amount(issue.minimum)}.`;
    case 'too_big':
      if (issue.origin === 'string') return `It is too long: at most ${amount(issue.maximum)} characters.`;
      if (issue.origin === 'array') return `There can be at most ${amount(issue.maximum)}.`;
      return `It must be at most ${amount(issue.maximum)}.`;
    case 'invalid_format':
      return issue.format === 'email' ? 'It must be an e-mail address.' : sentence(issue.message);
    case 'invalid_key':
      return 'The name of a label is empty or too long.';
    default:
      return sentence(issue.message);
  }
}

const issueOfType = (expected: string): string =>
  expected === 'number' ? 'It must be a number.' : `It must be ${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}.`;
const amount = (value: number | bigint): string => value.toLocaleString('en');
/** The engine says what the field must be, is or holds: `must be JSON`. */
const sentence = (message: string): string => (/^[a-z]/.test(message) ? `It ${message}.` : message);

const refusal = z.object({ issues: z.array(z.object({ field: z.string(), message: z.string() })) });

/**
 * What the engine says against it, by the same paths; empty when it says nothing of fields.
 *
 * @param within what the value is called in the request, such as `draft`
 */
export function faultsOf(error: unknown, within = ''): Faults {
  const parsed = refusal.safeParse(error instanceof ORPCError ? error.data : undefined);
  const faults: Record<string, string> = {};
  for (const { field, message } of parsed.data?.issues ?? []) {
    const own = field.startsWith(`${within}.`) ? field.slice(within.length + 1) : field;
    const path = own.replaceAll(/\.(\d+)(?=\.|\[|$)/g, '[$1]');
    faults[path] ??= sentence(message);
  }
  return faults;
}

/** Of the field, or of anything in it. */
export function faultAt(faults: Faults, path: string): string | undefined {
  const own = faults[path];
  if (own !== undefined) return own;
  const within = Object.keys(faults).find((one) => one.startsWith(`${path}.`) || one.startsWith(`${path}[`));
  return within === undefined ? undefined : faults[within];
}
