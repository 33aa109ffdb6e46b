/** What the context preview asks, per user: it stays while another panel is shown, until the page is closed. */
import { create } from 'zustand';
import type { LAYERS } from '../../../../src-contract/index.ts';

export type Layer = (typeof LAYERS)[number];

export interface ContextQuestion {
  query: string;
  /** Tokens; undefined leaves it to the memory controls. */
  budget: number | undefined;
  layers: Readonly<Record<Layer, boolean>>;
}

const EMPTY: ContextQuestion = {
  query: '',
  budget: undefined,
  layers: { session: true, working: true, longterm: true },
};

interface ContextQuestions {
  byUser: Readonly<Record<string, ContextQuestion>>;
  change(user_id: string, patch: Partial<ContextQuestion>): void;
}

const useContextQuestions = create<ContextQuestions>((set) => ({
  byUser: {},
  change: (user_id, patch) =>
    set(({ byUser }) => ({ byUser: { ...byUser, [user_id]: { ...EMPTY, ...own(byUser, user_id), ...patch } } })),
}));

export function useContextQuestion(user_id: string) {
  const { byUser, change } = useContextQuestions();
  return {
    ...(own(byUser, user_id) ?? EMPTY),
    change: (patch: Partial<ContextQuestion>) => change(user_id, patch),
  };
}

/** A user may be called `constructor`. */
function own(byUser: ContextQuestions['byUser'], user_id: string): ContextQuestion | undefined {
  return Object.hasOwn(byUser, user_id) ? byUser[user_id] : undefined;
}
