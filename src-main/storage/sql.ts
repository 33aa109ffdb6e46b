/** The query builder: it only writes SQL; {@link Transaction} runs it. */
import {
  type Compilable,
  CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely';
import type { Tables } from './schema.ts';

export const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** A statement written by hand, to be run like one that was built. */
export function compiled<Row>(sql: string, parameters: unknown[]): Compilable<Row> {
  return { compile: () => CompiledQuery.raw(sql, parameters) as CompiledQuery<Row> };
}

/** A statement written with Kysely's `sql` template. */
export function fromTemplate<Row>(template: RawBuilder<Row>): Compilable<Row> {
  return { compile: () => template.compile(db) };
}
