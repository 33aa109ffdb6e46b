/** How a setting is defined: its values and all that is said of it. Everything else is made from that. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { SettingKind, SettingScope, SettingSection } from '../../../src-contract/index.ts';

/** One key. `env` and the flag `--<key with dashes>` set it for a process. */
export interface ConfigKey<T = unknown> {
  readonly env: string;
  readonly schema: z.ZodType<T>;
  readonly default: T;
  readonly title: string;
  /** What it does, with its unit. */
  readonly help: string;
  /** How it is edited. */
  readonly kind: SettingKind;
  /** Null: only of the configuration, which people write before Archon starts. */
  readonly section: SettingSection | null;
  /** Whose it is. */
  readonly scope: SettingScope;
  /** A change is in force only after the engine has restarted; of the configuration, after Archon has. */
  readonly needs_restart: boolean;
  /** What a change may cost. */
  readonly risk: string | null;
  /** Its value is never printed. */
  readonly secret: boolean;
}

interface More {
  restart?: boolean;
  risk?: string;
  scope?: SettingScope;
}

interface Bounds {
  min: number;
  max: number;
  unit?: string;
  /** For a number that is best chosen with a slider. */
  step?: number;
  /** Fractions are taken too. */
  fractions?: boolean;
}

type TextFormat = Extract<SettingKind, { kind: 'text' }>['format'];

const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((value) => ['true', '1', 'yes'].includes(value)),
]);

/** A list, in the environment and in flags written with commas. */
export const listSchema = z.union([
  z.array(z.string().min(1)),
  z.string().transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]);

/** Addresses and networks, such as 10.0.0.0/8. */
export const networks = listSchema.refine((all) => all.every(isNetwork), {
  message: 'must be IP addresses or networks such as 10.0.0.0/8, in text written with commas',
});

/** Origins of web pages, as browsers write them. */
export const origins = listSchema.refine((all) => all.every(isOrigin), {
  message: 'must be origins such as https://agents.example.com, in text written with commas',
});

const uuid = z.uuid();
export const uuids = listSchema.refine((all) => all.every((one) => uuid.safeParse(one).success), {
  message: 'must be UUIDs, in text written with commas',
});

const emailAddress = z.email();
export const emailAddresses = listSchema.refine((all) => all.every((one) => emailAddress.safeParse(one).success), {
  message: 'must be e-mail addresses, in text written with commas',
});

export const textSchema = z.string().min(1).nullable();

export const urlWith = (protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    })
    .nullable();

function isOrigin(text: string): boolean {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

/** Ways to define the settings of a section; those of null are only of the configuration. */
export function settingsOf(section: SettingSection | null, scope: SettingScope) {
  const define = <T>(
    env: string,
    fallback: T,
    [title, help]: readonly [title: string, help: string],
    schema: z.ZodType<T>,
    kind: SettingKind,
    more: More = {},
  ): ConfigKey<T> => ({
    env,
    schema,
    default: fallback,
    title,
    help,
    kind,
    section,
    scope: more.scope ?? scope,
    // The configuration is read before Archon starts, and not again.
    needs_restart: more.restart ?? section === null,
    risk: more.risk ?? null,
    secret: kind.kind === 'secret',
  });
  type Words = readonly [title: string, help: string];
  return {
    toggle: (env: string, fallback: boolean, words: Words, more?: More) =>
      define<boolean>(env, fallback, words, flag, { kind: 'switch' }, more),

    number: (env: string, fallback: number, { min, max, unit, step, fractions }: Bounds, words: Words, more?: More) => {
      const bounded = z.coerce.number().min(min).max(max);
      const kind: SettingKind = {
        kind: 'number',
        integer: fractions !== true,
        min,
        max,
        unit: unit ?? null,
        step: step ?? null,
      };
      return define<number>(env, fallback, words, fractions === true ? bounded : bounded.int(), kind, more);
    },

    choice: <const V extends string>(
      env: string,
      fallback: NoInfer<V>,
      options: Readonly<Record<V, string>>,
      words: Words,
      more?: More,
    ) => {
      const entries = Object.entries<string>(options);
      const values = Object.keys(options) as V[];
      const kind: SettingKind = { kind: 'choice', options: entries.map(([value, label]) => ({ value, label })) };
      return define<V>(env, fallback, words, z.enum(values) as unknown as z.ZodType<V>, kind, more);
    },

    /** Text that may be left out. */
    text: (
      env: string,
      words: Words,
      { format, schema, ...more }: More & { format?: TextFormat; schema?: z.ZodType<string | null> } = {},
    ) => {
      const kind: SettingKind = { kind: 'text', format: format ?? 'text', nullable: true };
      return define<string | null>(env, null, words, schema ?? textSchema, kind, more);
    },

    /** Text that there always is. */
    words: (
      env: string,
      fallback: string,
      words: Words,
      { format, schema, ...more }: More & { format?: TextFormat; schema?: z.ZodType<string> } = {},
    ) => {
      const kind: SettingKind = { kind: 'text', format: format ?? 'text', nullable: false };
      return define<string>(env, fallback, words, schema ?? z.string().min(1), kind, more);
    },

    list: (env: string, item: string, words: Words, more: More & { schema?: z.ZodType<string[]> } = {}) =>
      define<string[]>(env, [], words, more.schema ?? listSchema, { kind: 'list', item }, more),

    secret: (env: string, words: Words, more: More & { schema?: z.ZodType<string | null> } = {}) =>
      define<string | null>(env, null, words, more.schema ?? textSchema, { kind: 'secret' }, more),
  };
}
