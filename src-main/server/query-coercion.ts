/** Values of query strings and forms arrive as text; this turns them into what the contract asks for. */
import type { AnySchema } from '@orpc/contract';
import type { Context } from '@orpc/server';
import type { StandardHandlerOptions, StandardHandlerPlugin } from '@orpc/server/standard';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';

type JsonSchema = ReturnType<ZodToJsonSchemaConverter['convert']>[1];

/** How a number is written: decimal digits, as JSON has it but without an exponent. */
const INTEGER = /^-?\d+$/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/**
 * Coerces the input of GET routes and of forms only: in JSON, `"5"` is a text and stays one. A text that is not written
 * as its kind asks for stays as it is too, so that the contract refuses it by its name.
 *
 * A list may be written `tags=a&tags=b` or `tags[]=a&tags[]=b`; a single value of it counts as a list of one.
 */
export class QueryCoercionPlugin<T extends Context> implements StandardHandlerPlugin<T> {
  readonly #converter = new ZodToJsonSchemaConverter();
  readonly #schemas = new WeakMap<AnySchema, JsonSchema>();
  readonly #takesText: (method: string | undefined, path: readonly string[]) => boolean;

  constructor(takesText: (method: string | undefined, path: readonly string[]) => boolean) {
    this.#takesText = takesText;
  }

  init(options: StandardHandlerOptions<T>): void {
    options.clientInterceptors ??= [];
    options.clientInterceptors.unshift((call) => {
      const { inputSchema, route } = call.procedure['~orpc'];
      if (!inputSchema || !this.#takesText(route.method, call.path)) return call.next();
      return call.next({ ...call, input: this.#coerce(inputSchema, call.input) });
    });
  }

  #coerce(inputSchema: AnySchema, input: unknown): unknown {
    let schema = this.#schemas.get(inputSchema);
    if (schema === undefined) {
      [, schema] = this.#converter.convert(inputSchema, { strategy: 'input' });
      this.#schemas.set(inputSchema, schema);
    }
    if (typeof input !== 'object' || input === null) return input;
    const { properties = {} } = schema as { properties?: Record<string, JsonSchema> };
    const members = Object.entries(input).map(([key, value]): [string, unknown] => [
      key,
      Object.hasOwn(properties, key) ? coerced(properties[key], value) : value,
    ]);
    return Object.fromEntries(members);
  }
}

/** A value of a query string as its schema has it: one level of lists, no objects. */
function coerced(schema: JsonSchema | undefined, value: unknown): unknown {
  if (typeof schema !== 'object') return value;
  if (schema.type === 'array') {
    const { items } = schema as { items?: JsonSchema };
    const list = typeof value === 'string' ? [value] : value;
    return Array.isArray(list) ? list.map((item) => coerced(items, item)) : list;
  }
  if (typeof value !== 'string') return value;
  switch (schema.type) {
    case 'integer':
      return INTEGER.test(value) ? Number(value) : value;
    case 'number':
      return NUMBER.test(value) ? Number(value) : value;
    case 'boolean':
      return BOOLEANS.get(value) ?? value;
    default:
      return value;
  }
}
