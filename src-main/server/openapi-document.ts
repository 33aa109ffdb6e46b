/** The OpenAPI 3.1 description of the API, generated from the contract. */
import type { OpenAPI } from '@orpc/contract';
import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import {
  assembledContext,
  contract,
  deepHealth,
  ERRORS,
  exportJob,
  importJob,
  longTermMemory,
  memoryLink,
  memoryRevision,
  message,
  queuedWrite,
  searchHit,
  session,
  userStats,
  workingMemory,
} from '../../src-contract/index.ts';
import { DOOR_ERRORS } from './door-errors.ts';
import { errorsOf } from './route-errors.ts';
import { listRoutes, type Route } from './route-table.ts';

/** Entities many routes answer with: described once. */
const ENTITIES = {
  AssembledContext: assembledContext,
  DeepHealth: deepHealth,
  ExportJob: exportJob,
  ImportJob: importJob,
  LongTermMemory: longTermMemory,
  MemoryLink: memoryLink,
  MemoryRevision: memoryRevision,
  Message: message,
  QueuedWrite: queuedWrite,
  SearchHit: searchHit,
  Session: session,
  UserStats: userStats,
  WorkingMemory: workingMemory,
};

const QUEUED_REF = { $ref: '#/components/schemas/QueuedWrite' };
const QUEUED =
  'Its store is away: the write is kept on the disk of this node, and is in its store as soon as that is back, in order and once.';

const ALL_ERRORS = { ...ERRORS, ...DOOR_ERRORS };

const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    defined: { type: 'boolean', description: 'False for what was refused as HTTP, before it reached a route.' },
    code: {
      type: 'string',
      enum: [...Object.keys(ERRORS), ...Object.keys(DOOR_ERRORS)],
      description: 'Besides those of a route, `METHOD_NOT_ALLOWED` (405) for a method its path does not know.',
    },
    status: { type: 'integer' },
    message: { type: 'string' },
    data: {
      type: 'object',
      description: 'With VALIDATION_FAILED: the first field that was refused, and the first 20.',
      properties: {
        field: { type: 'string' },
        issues: {
          type: 'array',
          items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
  required: ['defined', 'code', 'status', 'message'],
} as const;

/** Writes take the idempotency key of their body as a header too. */
const IDEMPOTENCY_HEADER: OpenAPI.ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 200 },
  description: 'A write repeated with the same key within 24 hours takes effect once and gets the first answer.',
};

export async function generateOpenApiDocument(version: string): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, {
    info: {
      title: 'Archon',
      version,
      description: 'Memory for AI agents: sessions, working memory, long-term memory, and the context made of them.',
    },
    security: [{ token: [] }],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of `archon token create`.' } },
      schemas: { Error: ERROR_SCHEMA as unknown as OpenAPI.SchemaObject },
    },
    commonSchemas: Object.fromEntries(
      Object.entries(ENTITIES).map(([name, schema]) => [name, { schema, strategy: 'output' as const }]),
    ),
    customErrorResponseBodySchema: () => ({ $ref: '#/components/schemas/Error' }),
  });
  for (const route of listRoutes(contract)) {
    const operation = document.paths?.[route.path]?.[route.method.toLowerCase() as 'get'];
    if (operation) mendOperation(operation, route);
  }
  return document;
}

/** What the generator cannot know: how we read lists, which body a file route takes, what a status means. */
function mendOperation(operation: OpenAPI.OperationObject, route: Route): void {
  for (const parameter of operation.parameters ?? []) {
    if ('$ref' in parameter || parameter.in !== 'query') continue;
    delete parameter.allowEmptyValue;
    delete parameter.allowReserved;
    if (parameter.style === 'deepObject') parameter.style = 'form';
  }
  const body = operation.requestBody;
  if (body && !('$ref' in body)) {
    if (route.takesFile) delete body.content['application/json'];
    const schema = body.content['application/json']?.schema;
    if (schema && 'properties' in schema && schema.properties && 'idempotency_key' in schema.properties) {
      operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_HEADER];
    }
  }
  operation.responses = { ...withQueued(successes(operation.responses)), ...errorResponses(route) };
}

/** Every route has every error of the contract for the generator; {@link errorsOf} knows better. */
function successes(responses: OpenAPI.ResponsesObject = {}): OpenAPI.ResponsesObject {
  return Object.fromEntries(Object.entries(responses).filter(([status]) => Number(status) < 400));
}

/** A write that may be queued answers so with a status of its own, which the generator takes for the same. */
function withQueued(responses: OpenAPI.ResponsesObject): OpenAPI.ResponsesObject {
  return Object.fromEntries(
    Object.entries(responses).flatMap(([status, response]) => {
      const schema = '$ref' in response ? undefined : response.content?.['application/json']?.schema;
      const done = schema && 'anyOf' in schema ? schema.anyOf?.find((one) => !isQueuedSchema(one)) : undefined;
      if (done === undefined || !(schema && 'anyOf' in schema && schema.anyOf?.some(isQueuedSchema))) {
        return [[status, response]];
      }
      return [
        [status, { ...response, content: { 'application/json': { schema: done } } }],
        ['202', { description: QUEUED, content: { 'application/json': { schema: QUEUED_REF } } }],
      ];
    }),
  );
}

const isQueuedSchema = (schema: object): boolean => '$ref' in schema && schema.$ref === QUEUED_REF.$ref;

/** One answer per status, which tells the codes that come with it. */
function errorResponses(route: Route): OpenAPI.ResponsesObject {
  const byStatus = Map.groupBy(errorsOf(route), (code) => ALL_ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${ALL_ERRORS[code].message}`).join('\n\n'),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}
