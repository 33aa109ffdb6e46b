/** Observability: how everything is, how it was, and what it said. */
import { PageOfParts } from '../../../app/PageOfParts.tsx';
import { OBSERVABILITY_PARTS } from '../../../app/pages.ts';

export const ObservabilityLayout = () => <PageOfParts title="Observability" parts={OBSERVABILITY_PARTS} />;
