/** Values of query strings and forms arrive as text; this turns them into what the contract asks for. */
import type { AnySchema } from '@orpc/contract';
import { JsonSchemaCoercer } from '@orpc/json-schema';
import type { Context } from '@orpc/server';
import type { StandardHandlerOptions, StandardHandlerPlugin } from '@orpc/server/standard';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';

type JsonSchema = Parameters<JsonSchemaCoercer['coerce']>[0];

/**
 * Coerces the input of GET routes and of forms only: in JSON, `"5"` is a text and stays one.
 *
 * A list may be written `tags=a&tags=b` or `tags[]=a&tags[]=b`; a single value of it counts as a list of one.
 */
export class QueryCoercionPlugin<T extends Context> implements StandardHandlerPlugin<T> {
  readonly #converter = new ZodToJsonSchemaConverter();
  readonly #coercer = new JsonSchemaCoercer();
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
    return this.#coercer.coerce(schema, withLists(schema, input));
  }
}

/** The input with single values of lists made lists. */
function withLists(schema: JsonSchema, input: unknown): unknown {
  if (typeof schema === 'boolean' || typeof input !== 'object' || input === null) return input;
  const changes = Object.entries(schema.properties ?? {})
    .filter(([key, property]) => typeof property === 'object' && property.type === 'array' && Object.hasOwn(input, key))
    .map(([key]) => [key, (input as Record<string, unknown>)[key]] as const)
    .filter(([, value]) => typeof value === 'string');
  if (changes.length === 0) return input;
  return { ...input, ...Object.fromEntries(changes.map(([key, value]) => [key, [value]])) };
}
