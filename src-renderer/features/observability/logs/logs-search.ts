/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { LOG_LEVELS } from '../../../../src-contract/logs.ts';
import { partOfText, tag, timestamp } from '../../../../src-contract/primitives.ts';

const MAX_COMPONENTS = 30;

const list = z
  .unknown()
  .transform((value) => {
    const names = (Array.isArray(value) ? value : [value]).flatMap((one) => tag.safeParse(one).data ?? []);
    return [...new Set(names)].slice(0, MAX_COMPONENTS);
  })
  .transform((names) => (names.length === 0 ? undefined : names))
  .optional()
  .catch(undefined);
const time = z.coerce.string().pipe(timestamp).optional().catch(undefined);

export const logsSearch = z.object({
  /** This level and those above it. */
  level: z.enum(LOG_LEVELS).optional().catch(undefined),
  component: list,
  q: z.coerce.string().pipe(partOfText.min(1)).optional().catch(undefined),
  from: time,
  to: time,
  /** The entry whose details are open. */
  entry: z.coerce
    .string()
    .regex(/^\d{1,16}$/)
    .optional()
    .catch(undefined),
});
export type LogsSearch = z.infer<typeof logsSearch>;

export const NO_FILTERS = {
  level: undefined,
  component: undefined,
  q: undefined,
  from: undefined,
  to: undefined,
} as const;

export const hasFilters = (search: LogsSearch): boolean =>
  Object.keys(NO_FILTERS).some((name) => search[name as keyof typeof NO_FILTERS] !== undefined);

export interface LogFilter {
  level?: (typeof LOG_LEVELS)[number];
  components?: string[];
  text?: string;
  from?: string;
  to?: string;
}

/** As the server is asked for it. */
export function filterOf({ level, component, q, from, to }: LogsSearch): LogFilter {
  return {
    ...(level === undefined ? {} : { level }),
    ...(component === undefined || component.length === 0 ? {} : { components: component }),
    ...(q === undefined ? {} : { text: q }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
