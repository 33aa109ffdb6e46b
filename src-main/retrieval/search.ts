/** Search over working and long-term memory. */
import type { AnyMemory, Outputs, SearchInput } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import { presentLongTerm } from '../memory/longterm-memory.ts';
import type { MemorySettings, MemorySettingsOf } from '../memory/memory-settings.ts';
import { presentWorking } from '../memory/working-memory.ts';
import type { Database } from '../storage/database.ts';
import { type RankInput, rank } from './ranking.ts';
import type { Candidate, MemoryRow, Retriever } from './retriever.ts';

/** Candidates ranked for each hit that is wanted, and at least: PostgreSQL's own order is only a first guess. */
const CANDIDATES_PER_HIT = 3;
const LEAST_CANDIDATES = 100;

export class Search {
  readonly #database: Database;
  readonly #retriever: Retriever;
  readonly #clock: Clock;
  readonly #settings: MemorySettingsOf;

  constructor(deps: { database: Database; retriever: Retriever; clock: Clock; settings: MemorySettingsOf }) {
    this.#database = deps.database;
    this.#retriever = deps.retriever;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
  }

  async query(scope: Scope, input: SearchInput): Promise<Outputs['search']['query']> {
    const began = performance.now();
    const now_ms = this.#clock.now();
    const limit = Math.max(LEAST_CANDIDATES, input.limit * CANDIDATES_PER_HIT);
    const { candidates, query_terms } = await this.#database.readWithScope(scope, (tx) =>
      this.#retriever.retrieve(tx, scope, { ...input, limit }, isoTime(now_ms)),
    );
    const settings = this.#settings(scope);
    const ranked = rank(relativeStrengths(candidates), query_terms.length, now_ms, settings).slice(0, input.limit);
    const best = ranked[0]?.score || 1;
    return {
      hits: ranked.map(({ item, score, reason }) => ({
        memory: presentMemory(item, now_ms, settings),
        score: score / best,
        reason,
      })),
      query_terms,
      took_ms: performance.now() - began,
    };
  }
}

/** Word matches relative to the best one. */
export function relativeStrengths(candidates: readonly Candidate[]): RankInput[] {
  const best = candidates.reduce((most, candidate) => Math.max(most, candidate.strength), 0);
  return candidates.map((candidate) => ({
    item: candidate,
    words: best > 0 ? candidate.strength / best : 0,
    matched: candidate.matched,
  }));
}

/** The entity of a row, with its layer. */
export function presentMemory({ layer, row }: MemoryRow, now_ms: number, settings: MemorySettings): AnyMemory {
  return layer === 'working' ? { layer, ...presentWorking(row, now_ms, settings) } : { layer, ...presentLongTerm(row) };
}
