/** What the engine is asked for. Pure. */
import type { Inputs } from '../../../../../src-contract/index.ts';
import type { AlertsSearch } from '../alerts-search.ts';
import type { AlertSpan } from './alert-range.ts';

export type AlertInput = Omit<Inputs['opsAlerts']['list'], 'cursor' | 'limit'>;

/** Those of now are not over, whatever the history was narrowed to. */
export const NOW_STATES = ['firing', 'clearing', 'pending'] as const;

/** @param span of the history */
export function alertInput(search: AlertsSearch, span: AlertSpan): AlertInput {
  const { view, state, severity, rule, text } = search;
  const filters: AlertInput = {
    ...(severity === undefined ? {} : { severities: severity }),
    ...(rule === undefined ? {} : { rule }),
    ...(text === undefined ? {} : { text }),
  };
  if (view !== 'history') {
    const states = NOW_STATES.filter((one) => state === undefined || state.includes(one));
    return { ...filters, states: states.length === 0 ? [...NOW_STATES] : states };
  }
  return {
    ...filters,
    ...(state === undefined ? {} : { states: state }),
    from: new Date(span.from_ms).toISOString(),
    ...(span.endsNow ? {} : { to: new Date(span.to_ms).toISOString() }),
  };
}
