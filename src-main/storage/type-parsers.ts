/** How values of PostgreSQL come to us. */
import pg from 'pg';

const TIMESTAMPTZ = 1184;
const INT8 = 20;

/** Times come as ISO strings in UTC, counts as numbers (none of ours passes 2^53). */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === TIMESTAMPTZ) {
        const parse = pg.types.getTypeParser(oid, 'text') as (value: string) => Date;
        return (value: string) => parse(value).toISOString();
      }
      if (oid === INT8) return Number;
    }
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};
