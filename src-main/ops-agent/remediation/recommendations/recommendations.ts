/** What is recommended, as it is kept: found again it stays, a day after it does not hold any more it is gone. */
import type { OpsRecommendation, Outputs, ParsedInputs } from '../../../../src-contract/index.ts';
import { isoTime } from '../../../clock.ts';
import { ArchonError, notFound } from '../../../errors.ts';
import { LOCAL_ORG_ID, type Scope } from '../../../identity/scope.ts';
import type { OpsDeps, OpsSources } from '../../deps.ts';
import { type DatabaseInsight, databaseInsight } from '../../monitors/database-insight.ts';
import type { Round } from '../../parts.ts';
import { bounded } from '../bounded.ts';
import { AGENT } from '../execution.ts';
import type { AdviceSource } from '../remediators/reindex-advice.ts';
import type { Advisor, Found } from './advisor.ts';
import { ADVISORS } from './advisors.ts';

/** Of rounds, between two looks. */
const REFRESH_MS = 10 * 60_000;
/** Of one advisor. */
const ADVISOR_MS = 20_000;
const GONE_AFTER_MS = 86_400_000;
/** What a person left is not shown again when it comes back within this. */
const LEFT_FOR_MS = 90 * 86_400_000;
const MOST = 500;
const IMPACTS = ['high', 'medium', 'low'] as const satisfies readonly OpsRecommendation['impact'][];

export interface RecommendationsDeps extends OpsDeps {
  sources: OpsSources;
}

export class Recommendations implements AdviceSource {
  readonly #deps: RecommendationsDeps;
  readonly #advisors: readonly Advisor[];
  /** By organisation, milliseconds of rounds since the last look. */
  readonly #since = new Map<string, number>();
  readonly #looked_at = new Map<string, string>();
  readonly #looking = new Map<string, Promise<readonly OpsRecommendation[]>>();

  constructor(deps: RecommendationsDeps, advisors: readonly Advisor[] = ADVISORS) {
    this.#deps = deps;
    this.#advisors = advisors;
  }

  /** Looks when it is time to, in the background. */
  round({ org_id, elapsed_ms }: Pick<Round, 'org_id' | 'elapsed_ms'>, stop: AbortSignal): void {
    const since = (this.#since.get(org_id) ?? REFRESH_MS) + elapsed_ms;
    this.#since.set(org_id, since);
    if (since < REFRESH_MS) return;
    this.refresh({ org_id, actor: AGENT }, stop).catch((error: unknown) => {
      if (!stop.aborted) this.#deps.logger.error({ err: error }, 'recommendations could not be looked for');
    });
  }

  async refresh(scope: Scope, stop: AbortSignal): Promise<readonly OpsRecommendation[]> {
    const { org_id } = scope;
    const looking = this.#looking.get(org_id) ?? this.#refresh(scope, stop).finally(() => this.#looking.delete(org_id));
    this.#looking.set(org_id, looking);
    return await looking;
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.#looking.values());
  }

  open({ org_id }: Scope): readonly OpsRecommendation[] {
    return this.#all(org_id).filter(({ state }) => state.state === 'open');
  }

  list({ org_id }: Scope): Outputs['opsActions']['recommendations'] {
    const fresh = this.#all(org_id).filter(({ seen_at }) => !this.#isOlder(seen_at, GONE_AFTER_MS));
    const items = fresh.sort(
      (a, b) =>
        Number(a.state.state !== 'open') - Number(b.state.state !== 'open') ||
        IMPACTS.indexOf(a.impact) - IMPACTS.indexOf(b.impact) ||
        a.title.localeCompare(b.title),
    );
    const last = items
      .map(({ seen_at }) => seen_at)
      .sort()
      .at(-1);
    return { items, looked_at: this.#looked_at.get(org_id) ?? last ?? null };
  }

  /** @throws ArchonError NOT_FOUND; CONFLICT where a person has to do it, or did */
  toApply({ org_id }: Scope, id: string): { title: string; apply: NonNullable<OpsRecommendation['apply']> } {
    const { apply, title, state } = this.#get(org_id, id);
    if (state.state === 'applied') throw new ArchonError('CONFLICT', `${state.by} had it done at ${state.at} already.`);
    if (!apply) throw new ArchonError('CONFLICT', 'Archon does not do this by itself: do what it says.');
    return { title, apply };
  }

  applied({ org_id, actor }: Scope, id: string, action_id: string): void {
    this.#put(org_id, { ...this.#get(org_id, id), state: { state: 'applied', by: actor, at: this.#now(), action_id } });
  }

  dismiss(
    { org_id, actor }: Scope,
    { recommendation, dismissed }: ParsedInputs['opsActions']['dismiss'],
  ): OpsRecommendation {
    const found = this.#get(org_id, recommendation);
    const state = dismissed
      ? ({ state: 'dismissed', by: actor, at: this.#now() } as const)
      : ({ state: 'open' } as const);
    return this.#put(org_id, { ...found, state });
  }

  async #refresh(scope: Scope, stop: AbortSignal): Promise<readonly OpsRecommendation[]> {
    const { org_id } = scope;
    this.#since.set(org_id, 0);
    const found = await this.#ask(scope, stop);
    stop.throwIfAborted();
    this.#looked_at.set(org_id, this.#now());
    this.#deps.records.together(() => {
      for (const one of found) this.#note(org_id, one);
      this.#forgetOld(org_id);
    });
    return this.open(scope);
  }

  /** Each within its time; one that cannot look now tells nothing, and what it told before stays for a day. */
  async #ask(scope: Scope, stop: AbortSignal): Promise<Found[]> {
    const { sources, settings, clock, rounds, node, logger } = this.#deps;
    let asked: Promise<DatabaseInsight> | undefined;
    const insight = () => {
      asked ??= databaseInsight(sources.database, clock);
      return asked;
    };
    const about = { scope, sources, settings, clock, rounds, node, insight };
    const wanted = this.#advisors.filter(({ of }) => of === 'organisation' || scope.org_id === LOCAL_ORG_ID);
    const found = await Promise.all(
      wanted.map(async (advisor) => {
        try {
          return await bounded(ADVISOR_MS, stop, async () => advisor.look(about));
        } catch (error) {
          if (!stop.aborted) logger.debug({ err: error, advisor: advisor.name }, 'an advisor could not look');
          return [];
        }
      }),
    );
    return found.flat();
  }

  #note(org_id: string, found: Found): void {
    const known = this.#deps.records.get(org_id, 'recommendation', found.id);
    const now = this.#now();
    const state = known?.state ?? ({ state: 'open' } as const);
    // What was done and is found again a day later did not do.
    const again = state.state === 'applied' && this.#isOlder(state.at, GONE_AFTER_MS);
    this.#put(org_id, {
      ...found,
      state: again ? { state: 'open' } : state,
      found_at: known?.found_at ?? now,
      seen_at: now,
    });
  }

  #forgetOld(org_id: string): void {
    for (const { id, state, seen_at } of this.#all(org_id)) {
      const kept_ms = state.state === 'dismissed' ? LEFT_FOR_MS : GONE_AFTER_MS;
      if (this.#isOlder(seen_at, kept_ms)) this.#deps.records.remove(org_id, 'recommendation', id);
    }
  }

  #all(org_id: string): OpsRecommendation[] {
    return this.#deps.records.list(org_id, 'recommendation', { limit: MOST }).map(({ document }) => document);
  }

  #get(org_id: string, id: string): OpsRecommendation {
    const found = this.#deps.records.get(org_id, 'recommendation', id);
    if (!found) throw notFound('recommendation', id);
    return found;
  }

  #put(org_id: string, document: OpsRecommendation): OpsRecommendation {
    const open = document.state.state === 'open';
    const at_ms = Date.parse(document.seen_at);
    this.#deps.records.put(org_id, 'recommendation', { id: document.id, at_ms, open, document });
    return document;
  }

  #isOlder(at: string, ms: number): boolean {
    return this.#deps.clock.now() - Date.parse(at) > ms;
  }

  #now(): string {
    return isoTime(this.#deps.clock.now());
  }
}
