/** `ARCHON_TEST_LONG=1`, as every night: what one database shows well enough for every change, on all of them. */
export const LONG = process.env.ARCHON_TEST_LONG === '1';
