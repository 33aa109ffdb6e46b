/** The form: what is typed, what is wrong with it, and saving it with all that can come of that. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { toast } from 'sonner';
import type { Setting, SettingChange, SettingConflict } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { plural } from '../../../../ui/format.ts';
import {
  afterSaving,
  type Choice,
  changesOf,
  type Drafts,
  dropDrafts,
  NO_DRAFTS,
  type Problems,
  problemsOf,
  resetsOf,
  settle,
  settleChanges,
  typeInto,
} from '../model/drafts.ts';
import { movedTo } from '../model/moved-address.ts';
import { refusalOf } from '../model/refusal.ts';
import type { Typed } from '../model/typed-value.ts';
import { inputOf, useTakeSettings } from './use-settings.ts';
import { useUndo } from './use-undo.ts';

/** How long a change can be taken back from its message; then the history does it. */
const UNDO_MS = 10_000;

/** What waits for the person before it is sent. */
export type Question =
  | { kind: 'risk'; settings: readonly Setting[]; changes: readonly SettingChange[] }
  | { kind: 'reset'; title: string; settings: readonly Setting[]; changes: readonly SettingChange[] }
  | { kind: 'conflict'; conflicts: readonly SettingConflict[]; changes: readonly SettingChange[] };

export interface SettingsForm {
  drafts: Drafts;
  problems: Problems;
  busy: boolean;
  question: Question | undefined;
  type(setting: Setting, typed: Typed): void;
  discard(settings: readonly Setting[]): void;
  /** Saves what was typed in these; asks first where it is risky. */
  save(settings: readonly Setting[]): void;
  /** Asks, then takes the own values of these back. */
  reset(title: string, settings: readonly Setting[]): void;
  /** Goes on with what was asked about. */
  consent(): void;
  settleConflict(choiceOf: (key: string) => Choice): void;
  dismiss(): void;
}

export function useSettingsForm(all: readonly Setting[], user_id: string | undefined): SettingsForm {
  const queryClient = useQueryClient();
  const take = useTakeSettings(user_id);
  const undo = useUndo();
  const [drafts, setDrafts] = useState<Drafts>(NO_DRAFTS);
  /** What the engine said against what is typed; forgotten with the next key. */
  const [refused, setRefused] = useState<Problems>(new Map());
  const [question, setQuestion] = useState<Question>();
  const [busy, setBusy] = useState(false);
  const isSending = useRef(false);
  const problems = new Map([...refused, ...problemsOf(all, drafts)]);

  const send = async (changes: readonly SettingChange[], sent: Drafts) => {
    // Saved twice by two keys.
    if (isSending.current) return;
    isSending.current = true;
    setBusy(true);
    try {
      const { items } = await client.settings.set({ ...inputOf(user_id), changes: [...changes] });
      await take(items);
      setDrafts((now) => afterSaving(now, sent, items));
      setQuestion(undefined);
      const keys = new Set(changes.map(({ key }) => key));
      tellIfMoved(movedTo(all, items, new URL(window.location.href)));
      toast.success(doneText(items, changes), {
        duration: UNDO_MS,
        action: { label: 'Undo', onClick: () => void undo(items.filter(({ key }) => keys.has(key))) },
      });
    } catch (error) {
      refuse(error, changes);
    } finally {
      isSending.current = false;
      setBusy(false);
    }
  };
  const refuse = (error: unknown, changes: readonly SettingChange[]) => {
    const refusal = refusalOf(error, changes);
    setQuestion(undefined);
    if (refusal.kind === 'conflict') {
      setQuestion({ kind: 'conflict', conflicts: refusal.conflicts, changes });
      void queryClient.invalidateQueries({ queryKey: api.settings.key() });
    } else if (refusal.kind === 'fields') {
      setRefused(refusal.problems);
      const [first] = refusal.problems.keys();
      if (first !== undefined) focusSetting(first);
    } else toast.error(`Not saved: ${problemOf(error).message}`);
  };
  /** Sends these changes, and knows which drafts they were made of. */
  const sendOf = (changes: readonly SettingChange[], from: Drafts) => {
    const sent = new Map([...from].filter(([key]) => changes.some((change) => change.key === key)));
    if (changes.length > 0) void send(changes, sent);
  };

  return {
    drafts,
    problems,
    busy,
    question,
    type: (setting, typed) => {
      setDrafts((now) => typeInto(now, setting, typed));
      setRefused((now) => new Map([...now].filter(([key]) => key !== setting.key)));
    },
    discard: (settings) => {
      const keys = settings.map(({ key }) => key);
      setDrafts((now) => dropDrafts(now, keys));
      setRefused((now) => new Map([...now].filter(([key]) => !keys.includes(key))));
    },
    save: (settings) => {
      const typed = settings.filter(({ key }) => drafts.has(key));
      const wrong = typed.find(({ key }) => problems.has(key));
      if (wrong !== undefined) return focusSetting(wrong.key);
      const risky = typed.filter(({ risk }) => risk !== null);
      if (risky.length > 0) setQuestion({ kind: 'risk', settings: risky, changes: changesOf(typed, drafts) });
      else sendOf(changesOf(typed, drafts), drafts);
    },
    reset: (title, settings) => {
      const changes = resetsOf(settings);
      const keys = new Set(changes.map(({ key }) => key));
      const own = settings.filter(({ key }) => keys.has(key));
      if (own.length > 0) setQuestion({ kind: 'reset', title, settings: own, changes });
    },
    consent: () => {
      if (question?.kind !== 'risk' && question?.kind !== 'reset') return;
      sendOf(question.changes, drafts);
    },
    settleConflict: (choiceOf) => {
      if (question?.kind !== 'conflict') return;
      const settled = settle(drafts, question.conflicts, choiceOf);
      setDrafts(settled);
      setQuestion(undefined);
      sendOf(settleChanges(question.changes, question.conflicts, choiceOf), settled);
    },
    dismiss: () => setQuestion(undefined),
  };
}

/** A page whose server has moved cannot read anything any more: it says where to go as long as it is there. */
function tellIfMoved(to: string | undefined): void {
  if (to === undefined) return;
  toast.info(`Archon is at ${to} from now on.`, {
    duration: Number.POSITIVE_INFINITY,
    action: { label: 'Go there', onClick: () => window.location.assign(to) },
  });
}

function doneText(items: readonly Setting[], changes: readonly SettingChange[]): string {
  const keys = new Set(changes.map(({ key }) => key));
  const waiting = items.filter(({ key, waits }) => waits && keys.has(key)).length;
  const [only] = changes;
  const title = changes.length === 1 ? items.find(({ key }) => key === only?.key)?.title : undefined;
  const what = title ?? plural(changes.length, 'setting');
  if (waiting === 0) return `${what} saved, in force now.`;
  return waiting === changes.length
    ? `${what} saved, in force after a restart.`
    : `${what} saved; some wait for a restart.`;
}

/** Puts the cursor where a setting is edited, if it is shown. */
export function focusSetting(key: string): void {
  // After it is drawn.
  requestAnimationFrame(() => {
    const row = document.getElementById(rowId(key));
    row?.scrollIntoView({ block: 'center' });
    row?.querySelector<HTMLElement>('[data-control]:not([disabled]), input, select, textarea, button')?.focus();
  });
}

export const rowId = (key: string): string => `setting-${key}`;
