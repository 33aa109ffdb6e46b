import type { OpenAPI } from '@orpc/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { contract, ERRORS, MAX_TEXT_LENGTH } from '../../src-contract/index.ts';
import { DOOR_ERRORS } from './door-errors.ts';
import { generateOpenApiDocument } from './openapi-document.ts';
import { listRoutes } from './route-table.ts';

// biome-ignore lint/suspicious/noExplicitAny: a JSON document that assertions look into freely.
let document: any;
beforeAll(async () => {
  document = (await generateOpenApiDocument('test')) as OpenAPI.Document;
});

const statuses = (path: string, method: string): string[] => Object.keys(document.paths[path][method].responses).sort();

describe('the OpenAPI document', () => {
  it('says that content has a text, in what is sent and in what comes back', () => {
    const sent = document.paths['/api/memory/working'].post.requestBody.content['application/json'].schema;
    expect(sent.properties.content).toMatchObject({
      type: 'object',
      properties: { text: { type: 'string', minLength: 1, maxLength: MAX_TEXT_LENGTH } },
      required: ['text'],
      additionalProperties: {},
    });
    for (const name of ['WorkingMemory', 'LongTermMemory']) {
      expect(document.components.schemas[name].properties.content).toMatchObject({
        properties: { text: { type: 'string' } },
        required: ['text'],
        additionalProperties: {},
      });
    }
  });

  it('knows every code there is', () => {
    expect(document.components.schemas.Error.properties.code.enum.sort()).toEqual(
      [...Object.keys(ERRORS), ...Object.keys(DOOR_ERRORS)].sort(),
    );
  });

  it('tells what was queued from what was done by its status', () => {
    const { responses } = document.paths['/api/memory/working'].post;
    const schemaOf = (status: string) => responses[status].content['application/json'].schema;
    expect(schemaOf('201')).toEqual({ $ref: '#/components/schemas/WorkingMemory' });
    expect(schemaOf('202')).toEqual({ $ref: '#/components/schemas/QueuedWrite' });
    expect(statuses('/api/memory/working', 'get')).not.toContain('202');
  });

  it('lists the errors a route can answer with, and no others', () => {
    expect(statuses('/health', 'get')).toEqual(['200', '408', '421', '431', '500']);
    expect(statuses('/api/memory/jobs', 'get')).toEqual([
      '200',
      '400',
      '401',
      '403',
      '408',
      '421',
      '429',
      '431',
      '500',
      '503',
      '507',
    ]);
    expect(statuses('/api/memory/longterm/{id}/supersede', 'post')).toEqual([
      '201',
      '202',
      '400',
      '401',
      '403',
      '404',
      '408',
      '409',
      '413',
      '415',
      '421',
      '429',
      '431',
      '500',
      '503',
      '507',
    ]);
    const conflict = document.paths['/api/memory/longterm/{id}/supersede'].post.responses['409'];
    expect(conflict.description).toMatch(/^`CONFLICT`: .*\n\n`IDEMPOTENCY_KEY_REUSED`: /);
    expect(document.paths['/api/memory/working'].post.responses['409'].description).not.toContain('`CONFLICT`');
    expect(document.paths['/api/memory/working'].get.responses['400'].description).toContain('`CURSOR_INVALID`');
  });

  it('describes every route', () => {
    for (const { path, method } of listRoutes(contract)) expect(statuses(path, method.toLowerCase())).toContain('500');
  });
});
