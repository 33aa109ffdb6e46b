/** The organisations that figures and health ask about, one after the other. */
import type { Scope } from '../identity/scope.ts';

const ACTOR = 'observability';

export const scopesOf = ({ organisations }: { organisations(): Iterable<string> }): Scope[] =>
  [...new Set(organisations())].map((org_id) => ({ org_id, actor: ACTOR }));
