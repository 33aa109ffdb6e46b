/** Who is told what memory does: for figures. Nothing here may fail or take time. */
import type { AssembledContext, CACHES } from '../../src-contract/index.ts';

export interface ContextTold {
  status: AssembledContext['status'];
  total_tokens: number;
  seconds: number;
}

export interface ContextObserver {
  /** A context was put together. */
  assembled(context: ContextTold): void;
}

export interface CacheObserver {
  /** Something was looked up that may be known already. */
  looked(cache: (typeof CACHES)[number], found: boolean): void;
}
