import type { OpsSeverity } from '../../../../src-contract/index.ts';
import { OPS_SEVERITIES } from '../../../../src-contract/ops-rules.ts';
import { SEVERITIES } from '../words/severity.ts';
import { Select, type SelectProps } from './Select.tsx';

/** The worst first. */
const WORST_FIRST = OPS_SEVERITIES.toReversed();

export const SeveritySelect = (props: SelectProps<OpsSeverity>) => (
  <Select {...props}>
    {WORST_FIRST.map((severity) => (
      <option key={severity} value={severity}>
        {SEVERITIES[severity].label}
      </option>
    ))}
  </Select>
);
