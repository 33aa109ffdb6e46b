import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { useDebounced } from '../../../../ui/use-debounced.ts';

/** Each key is another rule, and each preview reads a day. */
const TYPING_MS = 600;
const EMPTY = '';

/** What a rule would have done, as it is written; it follows when the typing rests. Nothing for one that is not right. */
export function useRulePreview(draft: OpsRuleDraft | undefined, hours: number) {
  const text = draft === undefined ? EMPTY : JSON.stringify({ draft: preview(draft), hours });
  const rested = useDebounced(text, TYPING_MS);
  const isResting = rested === text;
  const query = useQuery(
    api.opsRules.preview.queryOptions({
      input: rested === EMPTY ? { draft: NOTHING, hours } : JSON.parse(rested),
      enabled: rested !== EMPTY,
      placeholderData: keepPreviousData,
      staleTime: 30_000,
    }),
  );
  return { query, isBehind: !isResting || query.isPlaceholderData || query.isFetching };
}

/** What makes no difference to when it fires is the same, so that nothing is asked for when it is written. */
const preview = (draft: OpsRuleDraft): OpsRuleDraft => ({
  ...draft,
  name: 'preview',
  description: '',
  advice: '',
  enabled: true,
  remediation: null,
  escalation: [],
});

/** Never sent. */
const NOTHING: OpsRuleDraft = {
  ...preview({
    name: '',
    description: '',
    advice: '',
    enabled: true,
    match: 'all',
    conditions: [],
    for_seconds: 0,
    resolve_after_seconds: 0,
    severity: 'low',
    notify: false,
    labels: {},
    remediation: null,
    escalation: [],
  }),
};
