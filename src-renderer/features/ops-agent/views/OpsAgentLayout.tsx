/** The ops agent: what it sees, does and tells. */
import { PageOfParts } from '../../../app/PageOfParts.tsx';
import { OPS_PARTS } from '../../../app/pages.ts';

export const OpsAgentLayout = () => <PageOfParts title="Ops agent" parts={OPS_PARTS} />;
