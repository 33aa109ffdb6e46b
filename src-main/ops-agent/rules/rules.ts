/** The rules that hold: ours, and what persons made of them and added. */
import { createHash, randomBytes } from 'node:crypto';
import { type OpsRule, type OpsRuleDraft, opsRuleDraft } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { ArchonError, invalidField, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import type { OpsDeps } from '../deps.ts';
import type { RuleDocument } from '../records/documents.ts';
import type { OpsRecord } from '../records/ops-records.ts';
import type { RulesService } from '../services.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { limitOf } from './limits.ts';
import { checkRule } from './rule-check.ts';
import { previewRule } from './rule-preview.ts';

export const MAX_RULES = 200;
const MAX_SLUG = 50;

type SetRule = Omit<OpsRule, 'limits' | 'firing'>;

export interface RulesDeps extends OpsDeps {
  /** Notes for the log of events that a person changed settings. */
  noteSettings?: (scope: Scope, keys: string[]) => void;
}

export class Rules implements RulesService {
  readonly #deps: RulesDeps;
  readonly #set = new Map<string, readonly SetRule[]>();
  readonly #holding = new Map<string, readonly OpsRule[]>();
  #firing: (org_id: string) => ReadonlyMap<string, number> = () => new Map();

  constructor(deps: RulesDeps) {
    this.#deps = deps;
    deps.records.onChange(({ org_id, kind }) => {
      if (kind === 'rule') this.#forget(org_id);
    });
    // Limits that follow settings.
    deps.settings.onChange(() => this.#holding.clear());
  }

  /** Where it is asked how many alerts of each rule fire. */
  countFiring(firing: (org_id: string) => ReadonlyMap<string, number>): void {
    this.#firing = firing;
  }

  /** As they hold now; `firing` is told by {@link list} alone. @throws SqliteFileError */
  all(org_id: string): readonly OpsRule[] {
    const known = this.#holding.get(org_id);
    if (known) return known;
    const config = this.#deps.settings.of(org_id);
    const rules = this.#all(org_id).map((rule) => ({
      ...rule,
      limits: rule.conditions.map((condition) => limitOf(condition, config)),
      firing: 0,
    }));
    this.#holding.set(org_id, rules);
    return rules;
  }

  list({ org_id }: Scope) {
    const firing = this.#firing(org_id);
    return { items: this.all(org_id).map((rule) => ({ ...rule, firing: firing.get(rule.id) ?? 0 })) };
  }

  async create(scope: Scope, draft: OpsRuleDraft): Promise<OpsRule> {
    checkRule(draft);
    const rules = this.#all(scope.org_id);
    if (rules.length >= MAX_RULES) {
      throw new ArchonError('CONFLICT', `There are ${MAX_RULES} rules, and no more can be: remove one first.`);
    }
    checkName(draft, rules);
    const id = newId(draft.name, rules);
    this.#put(scope, id, draft);
    return this.#get(scope, id);
  }

  async update(
    scope: Scope,
    { rule: id, revision, draft }: { rule: string; revision: string; draft: OpsRuleDraft },
  ): Promise<OpsRule> {
    const before = this.#at(scope, id, revision);
    checkRule(draft, 'draft.');
    checkName(
      draft,
      this.#all(scope.org_id).filter((rule) => rule.id !== id),
      'draft.',
    );
    const preset = DEFAULT_RULES.get(id);
    const next = revisionOf(draft);
    if (preset && next === revisionOf(preset)) {
      if (before.changed) this.#remove(scope, id);
    } else if (next !== before.revision) {
      this.#put(scope, id, draft);
    }
    return this.#get(scope, id);
  }

  async remove(
    scope: Scope,
    { rule: id, revision }: { rule: string; revision: string },
  ): Promise<{ rule: OpsRule | null }> {
    const before = this.#at(scope, id, revision);
    if (before.origin === 'default' && !before.changed) {
      throw new ArchonError(
        'CONFLICT',
        'This rule comes with Archon and is as it came: switch it off to be without it.',
      );
    }
    this.#remove(scope, id);
    return { rule: before.origin === 'default' ? this.#get(scope, id) : null };
  }

  async preview({ org_id }: Scope, { draft, hours }: { draft: OpsRuleDraft; hours: number }) {
    checkRule(draft, 'draft.');
    const config = this.#deps.settings.of(org_id);
    const limits = draft.conditions.map((condition) => limitOf(condition, config));
    return previewRule(org_id, { ...draft, limits }, hours, this.#deps);
  }

  #all(org_id: string): readonly SetRule[] {
    const known = this.#set.get(org_id);
    if (known) return known;
    const notes = this.#deps.records.list(org_id, 'rule', { limit: MAX_RULES * 2 });
    const changed = new Map(notes.flatMap((note) => this.#read(note)));
    const ours = [...DEFAULT_RULES].map(([id, draft]) => changed.get(id) ?? unchanged(id, draft));
    const added = [...changed.values()].filter(({ id }) => !DEFAULT_RULES.has(id));
    // By name: a change of anything else does not move one.
    added.sort((one, other) => (one.name < other.name ? -1 : 1));
    const rules = [...ours, ...added];
    this.#set.set(org_id, rules);
    return rules;
  }

  /** One that another version of Archon wrote may say what this one does not know: then it is as if it were not there. */
  #read({ id, document }: OpsRecord<'rule'>): [string, SetRule][] {
    const draft = opsRuleDraft.safeParse(document.draft);
    if (draft.success) return [[id, setBy(id, { ...document, draft: draft.data })]];
    this.#deps.logger.warn({ rule: id, err: draft.error }, 'a rule cannot be read: this version does not know it');
    return [];
  }

  #get({ org_id }: Scope, id: string): OpsRule {
    const found = this.all(org_id).find((rule) => rule.id === id);
    if (!found) throw notFound('rule', id);
    return { ...found, firing: this.#firing(org_id).get(id) ?? 0 };
  }

  #at(scope: Scope, id: string, revision: string): OpsRule {
    const rule = this.#get(scope, id);
    if (rule.revision === revision) return rule;
    const who = rule.updated_by === null ? 'meanwhile' : `by ${rule.updated_by} meanwhile`;
    throw new ArchonError('CONFLICT', `"${rule.name}" was changed ${who}: look at it again, then change it.`);
  }

  #put(scope: Scope, id: string, draft: OpsRuleDraft): void {
    const now_ms = this.#deps.clock.now();
    const document: RuleDocument = { draft, by: scope.actor, at: isoTime(now_ms) };
    this.#deps.records.put(scope.org_id, 'rule', { id, at_ms: now_ms, open: true, document });
    this.#note(scope, id);
  }

  #remove(scope: Scope, id: string): void {
    this.#deps.records.remove(scope.org_id, 'rule', id);
    this.#note(scope, id);
  }

  /** The change is made already: that its event cannot be kept must not look as if it were not. */
  #note(scope: Scope, id: string): void {
    try {
      this.#deps.noteSettings?.(scope, [`ops.rules.${id}`]);
    } catch (error) {
      this.#deps.logger.error({ err: error, rule: id }, 'the event that a rule was changed could not be kept');
    }
  }

  #forget(org_id: string): void {
    this.#set.delete(org_id);
    this.#holding.delete(org_id);
  }
}

const unchanged = (id: string, draft: OpsRuleDraft): SetRule => ({
  ...draft,
  id,
  origin: 'default',
  changed: false,
  revision: revisionOf(draft),
  updated_at: null,
  updated_by: null,
});

function setBy(id: string, { draft, by, at }: RuleDocument): SetRule {
  const isOurs = DEFAULT_RULES.has(id);
  return {
    ...draft,
    id,
    origin: isOurs ? 'default' : 'custom',
    changed: isOurs,
    revision: revisionOf(draft),
    updated_at: at,
    updated_by: by,
  };
}

/** Of what is set, in whatever order it was written. */
function revisionOf(draft: OpsRuleDraft): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(draft)))
    .digest('base64url')
    .slice(0, 22);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}

const folded = (name: string): string => name.normalize('NFKC').toLowerCase();

function checkName({ name }: OpsRuleDraft, others: readonly SetRule[], path = ''): void {
  if (!others.some((rule) => folded(rule.name) === folded(name))) return;
  throw invalidField(`${path}name`, 'must not be that of another rule');
}

/** Made of its name, so that people recognise it where it is named. */
function newId(name: string, rules: readonly SetRule[]): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  const id = slug === '' ? 'rule' : slug;
  const taken = new Set([...DEFAULT_RULES.keys(), ...rules.map((rule) => rule.id)]);
  return taken.has(id) || id === 'rule' ? `${id}-${randomBytes(4).toString('hex')}` : id;
}
