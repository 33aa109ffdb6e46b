/** Part of pg that its types leave out. */
declare module 'pg/lib/utils.js' {
  const utils: {
    /** The text form PostgreSQL takes for a JavaScript value. */
    prepareValue(value: unknown): unknown;
  };
  export default utils;
}
