/** Lists of inputs: a body of 5 MB could otherwise name a million faults, each of which costs more than itself. */
import { z } from 'zod';

/** A list is refused after this many faults. */
const MAX_LIST_FAULTS = 20;

interface BoundedListDef<Item extends z.core.SomeType> extends z.core.$ZodArrayDef<Item> {
  most: number;
}
interface BoundedListType<Item extends z.core.SomeType> extends z.ZodArray<Item> {
  _zod: z.core.$ZodArrayInternals<Item> & { def: BoundedListDef<Item> };
}

/** An array whose length is looked at before its items, and whose items are checked until too many are wrong. */
const BoundedList = z.core.$constructor<BoundedListType<z.core.SomeType>, BoundedListDef<z.core.SomeType>>(
  'BoundedList',
  (inst, def) => {
    // How zod's own schemas extend one another; its types leave `init` out.
    (z.ZodArray as unknown as { init(inst: unknown, def: unknown): void }).init(inst, def);
    inst._zod.parse = (payload, context) => {
      const { value } = payload as { value: unknown };
      if (!Array.isArray(value)) {
        payload.issues.push({ code: 'invalid_type', expected: 'array', input: value, inst });
        return payload;
      }
      if (value.length > def.most) {
        const limit = { origin: 'array', maximum: def.most, inclusive: true } as const;
        payload.issues.push({ code: 'too_big', ...limit, input: value, inst, continue: false });
        return payload;
      }
      const items: unknown[] = [];
      for (const [index, item] of value.entries()) {
        const result = def.element._zod.run({ value: item, issues: [] }, context);
        if (result instanceof Promise) throw new z.core.$ZodAsyncError();
        if (result.issues.length > 0) payload.issues.push(...z.core.util.prefixIssues(index, result.issues));
        if (payload.issues.length >= MAX_LIST_FAULTS) {
          payload.aborted = true;
          return payload;
        }
        items.push(result.value);
      }
      payload.value = items;
      return payload;
    };
  },
);

/** A list of at most so many items. Every list an input may hold is one. */
export function boundedList<Item extends z.ZodType>(item: Item, most: number): z.ZodArray<Item> {
  const list = new BoundedList({ type: 'array', element: item, most }) as unknown as z.ZodArray<Item>;
  return list.max(most);
}
