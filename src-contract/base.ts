/** The base of every route: the errors any of them can answer with. */
import { oc } from '@orpc/contract';
import { ERRORS } from './errors.ts';

export const base = oc.errors(ERRORS);
