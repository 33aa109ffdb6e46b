/** Labels and what they must be, as a person writes them one under the other. Pure. */
import type { OpsLabels, OpsMatcher } from '../../../../src-contract/index.ts';
import { OPS_SIGNALS } from '../../../../src-contract/ops-signals.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';

export interface Pair {
  /** What tells it from the others while it is written. */
  key: number;
  label: string;
  value: string;
}

let last = 0;
export const newPair = (label = '', value = ''): Pair => {
  last += 1;
  return { key: last, label, value };
};

export const pairsOfLabels = (labels: OpsLabels): Pair[] =>
  Object.entries(labels).map(([label, value]) => newPair(label, value));
export const pairsOfMatchers = (matchers: readonly OpsMatcher[]): Pair[] =>
  matchers.map(({ label, value }) => newPair(label, value));

/** Rows that nobody wrote into say nothing. */
const isEmpty = ({ label, value }: Pair): boolean => label.trim() === '' && value.trim() === '';
const written = (pairs: readonly Pair[]): Pair[] => pairs.filter((pair) => !isEmpty(pair));

export const labelsOfPairs = (pairs: readonly Pair[]): OpsLabels =>
  Object.fromEntries(written(pairs).map(({ label, value }) => [label.trim(), value.trim()]));
export const matchersOfPairs = (pairs: readonly Pair[]): OpsMatcher[] =>
  written(pairs).map(({ label, value }) => ({ label: label.trim(), value: value.trim() }));

/** What is wrong with one of them; undefined when all can be kept. */
export function pairsFault(pairs: readonly Pair[], isUnique: boolean): string | undefined {
  const names = written(pairs).map(({ label }) => label.trim());
  if (names.includes('')) return 'A value needs the name of its label.';
  if (names.some((name) => name.length > 40)) return 'The name of a label has at most 40 characters.';
  const twice = isUnique ? names.find((name, index) => names.indexOf(name) !== index) : undefined;
  return twice === undefined ? undefined : `The label “${visibleText(twice)}” stands there twice.`;
}

/** `severity is critical and component begins with data`; everything for none. */
export function matcherWords(matchers: readonly OpsMatcher[]): string {
  if (matchers.length === 0) return 'every alert';
  return matchers
    .map(({ label, value }) => {
      if (value === '*') return `${visibleText(label)} is anything`;
      return value.endsWith('*')
        ? `${visibleText(label)} begins with ${visibleText(value.slice(0, -1))}`
        : `${visibleText(label)} is ${visibleText(value) || 'empty'}`;
    })
    .join(' and ');
}

/** Names that labels of signals have. */
export const LABEL_NAMES: readonly string[] = [
  ...new Set(Object.values(OPS_SIGNALS).flatMap(({ labels }): readonly string[] => labels)),
];
