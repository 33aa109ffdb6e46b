import { LOCAL_ORG_ID, type Scope } from '../../../identity/scope.ts';

/** Why an organisation may not touch what all of them share; null for that of the person at this computer. */
export const operatorOnly = ({ org_id }: Scope): string | null =>
  org_id === LOCAL_ORG_ID ? null : 'It is of the whole installation: only whoever runs that can do it.';
