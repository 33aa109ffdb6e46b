import { v7 as uuidv7 } from 'uuid';
import type { OpsAction } from '../../../src-contract/index.ts';

type Given = Pick<OpsAction, 'remediator' | 'target' | 'origin' | 'cause' | 'risk' | 'state' | 'created_at'> &
  Partial<OpsAction>;

/** Nothing of it was done yet. */
export const newAction = (given: Given): OpsAction => ({
  id: uuidv7(),
  attempt: 1,
  before: [],
  after: [],
  outcome: null,
  approved_by: null,
  started_at: null,
  ended_at: null,
  duration_ms: null,
  ...given,
});
