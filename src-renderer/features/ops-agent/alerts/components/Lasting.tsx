import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { useEngineNow } from '../../../observability/health/hooks/use-engine-now.ts';
import { lastsWords } from '../model/alert-words.ts';

/** How long it has been so, second by second. */
export function Lasting({ alert }: { alert: Pick<OpsAlert, 'state' | 'started_at'> }) {
  return <span className="tabular-nums">{lastsWords(alert, useEngineNow())}</span>;
}
