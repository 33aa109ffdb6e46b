import { ERRORS } from '../../src-contract/index.ts';
import { DOOR_ERRORS } from '../../src-main/server/door-errors.ts';
import { code, GENERATED, page, table } from './markdown.ts';

const EXAMPLE = `{
  "defined": true,
  "code": "VALIDATION_FAILED",
  "status": 400,
  "message": "messages[3].content: must not contain the NUL character (\\\\u0000)",
  "data": {
    "field": "messages[3].content",
    "issues": [
      { "field": "messages[3].content", "message": "must not contain the NUL character (\\\\u0000)" }
    ]
  }
}`;

export function errorsPage(): string {
  return page(
    GENERATED,
    '# Errors',
    "Every error of the HTTP API has this shape. Decide by `code`; `message` is for people and may change. `data` comes with `VALIDATION_FAILED` only, and tells the first 20 faults; a field's name is told up to 200 characters.",
    `\`\`\`json\n${EXAMPLE}\n\`\`\``,
    'Every answer carries `x-request-id`; the log of the server has the same id as `request_id`.',
    '## Errors of the routes',
    'The description of a route at `/api/docs` lists those it can answer with.',
    errorTable(ERRORS),
    'With `RATE_LIMITED` the header `Retry-After` says in how many seconds to come again. After `STORAGE_UNAVAILABLE`, `STORAGE_FULL` or no answer at all, repeat the write later with the same idempotency key: it takes effect once.',
    '## Errors before a route is reached',
    'These have `"defined": false`.',
    errorTable(DOOR_ERRORS),
  );
}

function errorTable(errors: Readonly<Record<string, { status: number; message: string }>>): string {
  const rows = Object.entries(errors).map(([name, { status, message }]) => [code(name), String(status), message]);
  return table(['code', 'status', 'meaning'], rows);
}
