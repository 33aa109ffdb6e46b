/** How much a working memory is worth keeping for good. */
import type { LONGTERM_TYPES, WORKING_TYPES } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';

/** What several working memories say together. */
export interface ImportanceRequest {
  user_id: string;
  /** The fullest of their texts. */
  text: string;
  memory_type: (typeof WORKING_TYPES)[number];
  /** The highest of them, decayed to now. */
  relevance: number;
  /** How often it was said. */
  repetitions: number;
  /** How often it was given in contexts. */
  accesses: number;
}

export interface Importance {
  /** 0–1: compared with the threshold, and what the long-term memory begins with. */
  score: number;
  memory_type: (typeof LONGTERM_TYPES)[number];
}

/**
 * Judges what would be kept. Asked for many at once and outside of every transaction, so that it may ask a model over
 * the network.
 */
export interface ImportanceScorer {
  score(scope: Scope, requests: readonly ImportanceRequest[], signal: AbortSignal): Promise<Importance[]>;
}

const WEIGHTS = { relevance: 0.55, repetition: 0.3, access: 0.15 } as const;
/** Contexts after which access counts half. */
const HALF_ACCESSES = 4;
const PREFERENCE =
  /\b(prefers?|likes?|loves?|hates?|dislikes?|favou?rite|rather than|instead of|always wants?|never wants?)\b/iu;
const RELATIONSHIP =
  /\b(reports? to|manager|colleague|boss|wife|husband|partner|brother|sister|friend|works? with)\b/iu;
const SKILL = /\b(can|knows? how to|is able to|learn(?:ed|t)|speaks?|fluent|experienced)\b/iu;

/** By figures alone: once and half relevant is not enough; said three times, or given in many contexts, it is. */
export class HeuristicImportance implements ImportanceScorer {
  async score(_scope: Scope, requests: readonly ImportanceRequest[]): Promise<Importance[]> {
    return requests.map((request) => ({ score: heuristicScore(request), memory_type: kindOf(request.text) }));
  }
}

export function heuristicScore({
  relevance,
  repetitions,
  accesses,
}: Pick<ImportanceRequest, 'relevance' | 'repetitions' | 'accesses'>): number {
  const repetition = 1 - 0.5 ** Math.max(0, repetitions - 1);
  const access = 1 - 0.5 ** (accesses / HALF_ACCESSES);
  return WEIGHTS.relevance * relevance + WEIGHTS.repetition * repetition + WEIGHTS.access * access;
}

function kindOf(text: string): Importance['memory_type'] {
  if (PREFERENCE.test(text)) return 'preference';
  if (RELATIONSHIP.test(text)) return 'relationship';
  return SKILL.test(text) ? 'skill' : 'fact';
}
