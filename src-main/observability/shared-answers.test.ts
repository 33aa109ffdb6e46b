import { describe, expect, it } from 'vitest';
import { shared } from './shared-answers.ts';

const of = (org_id: string) => ({ org_id, actor: 'test' });

describe('shared answers', () => {
  it('are asked for once for everybody within four seconds, for each organisation by itself', async () => {
    const asked: string[] = [];
    let now_ms = 0;
    const ask = shared(
      async ({ org_id }) => {
        asked.push(org_id);
        return `${org_id} ${asked.length}`;
      },
      () => now_ms,
    );
    expect(await Promise.all([ask(of('a')), ask(of('a')), ask(of('b'))])).toEqual(['a 1', 'a 1', 'b 2']);
    now_ms = 3999;
    expect(await ask(of('a'))).toBe('a 1');
    now_ms = 4000;
    expect(await ask(of('a'))).toBe('a 3');
  });

  it('are fresh for four seconds from when they came, however long that took', async () => {
    const slow = Promise.withResolvers<void>();
    let asked = 0;
    let now_ms = 0;
    const ask = shared(
      async () => {
        asked += 1;
        await slow.promise;
      },
      () => now_ms,
    );
    const first = ask(of('a'));
    now_ms = 60_000;
    const second = ask(of('a'));
    slow.resolve();
    await Promise.all([first, second]);
    now_ms = 63_999;
    await ask(of('a'));
    expect(asked).toBe(1);
  });

  it('are not kept when asking failed', async () => {
    let isAway = true;
    const ask = shared(async () => {
      if (isAway) throw new Error('away');
      return 'there';
    });
    await expect(ask(of('a'))).rejects.toThrow('away');
    isAway = false;
    expect(await ask(of('a'))).toBe('there');
  });
});
