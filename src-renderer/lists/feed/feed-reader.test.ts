import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import { FeedReader, MAX_HELD, MAX_ROWS } from './feed-reader.ts';
import type { FeedPage } from './feed-rows.ts';

const T0 = Date.parse('2026-03-01T10:00:00Z');

/** Every `every`th event is of the type that is looked for. */
function event(id: number, every = 1, at_ms = T0): EventEnvelope {
  return {
    id: String(id),
    org_id: '00000000-0000-4000-8000-000000000000',
    type: id % every === 0 ? 'wanted' : 'other',
    user_id: null,
    actor: 'test',
    payload: {},
    created_at: new Date(at_ms + id).toISOString(),
  };
}

interface Request {
  cursor: string | undefined;
  limit: number;
  answer(): void;
  fail(error: unknown): void;
}

/** A log as the server has it, whose answers come when the test says so. */
class Log {
  events: EventEnvelope[] = [];
  /** Events looked through for one page. */
  look = 1000;
  readonly requests: Request[] = [];
  readonly frames: (() => void)[] = [];
  readonly timers: (() => void)[] = [];
  readonly every: number;

  constructor(every = 1, count = 0) {
    this.every = every;
    this.write(count);
  }

  /** @returns what the stream tells of it */
  write(count: number): EventEnvelope[] {
    const first = this.events.length + 1;
    const news = Array.from({ length: count }, (_, index) => event(first + index, this.every));
    this.events.push(...news);
    return news;
  }

  reader(isPaused = false): FeedReader<EventEnvelope> {
    return new FeedReader<EventEnvelope>(
      {
        matches: ({ type }) => type === 'wanted',
        page: (request, signal) =>
          new Promise((resolve, reject) => {
            this.requests.push({
              ...request,
              answer: () => (signal.aborted ? reject(signal.reason) : resolve(this.#page(request))),
              fail: reject,
            });
          }),
        isTransient: () => true,
        later: (work) => this.#pushed(this.timers, work),
        nextFrame: (work) => this.#pushed(this.frames, work),
      },
      isPaused,
    );
  }

  /** Answers one request. */
  async answer(): Promise<void> {
    this.requests.shift()?.answer();
    await settled();
  }

  /** Until nothing is asked and nothing waits. */
  async rest(): Promise<void> {
    while (this.requests.length + this.frames.length > 0) {
      await this.answer();
      this.draw();
    }
  }

  draw(): void {
    for (const work of this.frames.splice(0)) work();
  }

  wanted(): string[] {
    return this.events
      .filter(({ type }) => type === 'wanted')
      .map(({ id }) => id)
      .reverse();
  }

  #page({ cursor, limit }: { cursor: string | undefined; limit: number }): FeedPage<EventEnvelope> {
    const before = cursor === undefined ? this.events.length + 1 : Number(cursor);
    const looked = this.events.slice(Math.max(0, before - 1 - this.look), before - 1).reverse();
    const found = looked.filter(({ type }) => type === 'wanted');
    const items = found.slice(0, limit);
    if (found.length > limit) return { items, next_cursor: items.at(-1)?.id ?? null };
    const end = looked.at(-1)?.id;
    return { items, next_cursor: end === undefined || end === '1' ? null : end };
  }

  #pushed(list: (() => void)[], work: () => void): () => void {
    list.push(work);
    return () => {
      const at = list.indexOf(work);
      if (at >= 0) list.splice(at, 1);
    };
  }
}

/** What was answered has been taken. */
const settled = async () => {
  for (let turns = 0; turns < 12; turns += 1) await Promise.resolve();
};
const shown = (reader: FeedReader<EventEnvelope>) => reader.state().rows.map(({ id }) => id);
const tell = (reader: FeedReader<EventEnvelope>, events: readonly EventEnvelope[]) => {
  for (const one of events) reader.note(one);
};

async function started(log: Log, isPaused = false): Promise<FeedReader<EventEnvelope>> {
  const reader = log.reader(isPaused);
  reader.start();
  await log.rest();
  return reader;
}

describe('the feed', () => {
  it('shows the newest of the log, and what comes on top of it once a frame', async () => {
    const log = new Log(1, 300);
    const reader = await started(log);
    expect(shown(reader)).toEqual(log.wanted().slice(0, 100));
    let changes = 0;
    reader.subscribe(() => {
      changes += 1;
    });
    tell(reader, log.write(80));
    expect([changes, log.frames.length]).toEqual([0, 1]);
    log.draw();
    expect(shown(reader)).toEqual(log.wanted().slice(0, 180));
    expect(changes).toBe(1);
  });

  it('shows each event once that came while the log was read', async () => {
    const log = new Log(1, 10);
    const reader = log.reader();
    reader.start();
    tell(reader, log.write(3));
    log.draw();
    expect(shown(reader)).toEqual([]);
    await log.answer();
    tell(reader, log.write(1));
    log.draw();
    expect(shown(reader)).toEqual(log.wanted());
  });

  it('puts an event in its place that was settled later than one after it', async () => {
    const log = new Log(1, 5);
    const late = log.events.splice(3, 1);
    const reader = await started(log);
    expect(shown(reader)).toEqual(['5', '3', '2', '1']);
    tell(reader, [...late, event(5)]);
    log.draw();
    expect(shown(reader)).toEqual(['5', '4', '3', '2', '1']);
  });

  it('counts while it is paused, and shows all of them when it goes on', async () => {
    const log = new Log(2, 20);
    const reader = await started(log);
    reader.setPaused(true);
    const before = shown(reader);
    tell(reader, log.write(46));
    log.draw();
    expect(shown(reader)).toEqual(before);
    expect(reader.state().held).toBe(23);
    reader.setPaused(false);
    expect(shown(reader)).toEqual(log.wanted());
    expect(reader.state().held).toBe(0);
  });

  it('keeps only the number of very many, and reads them from the log when it goes on', async () => {
    const log = new Log(1, 50);
    const reader = await started(log);
    reader.setPaused(true);
    for (let times = 0; times < 8; times += 1) {
      tell(reader, log.write(MAX_HELD / 4));
      log.draw();
    }
    tell(reader, log.write(1));
    log.draw();
    expect(reader.state().held).toBe(MAX_HELD * 2 + 1);
    reader.setPaused(false);
    expect(reader.state().head.phase).toBe('reading');
    await log.rest();
    expect(shown(reader)).toEqual(log.wanted());
    expect(reader.state()).toMatchObject({ held: 0, head: { phase: 'ready' } });
  });

  it('begins at the newest when more came than it shows, and goes on from there', async () => {
    const log = new Log(1, 50);
    const reader = await started(log);
    reader.setPaused(true);
    tell(reader, log.write(MAX_ROWS * 2));
    reader.setPaused(false);
    await log.rest();
    const count = shown(reader).length;
    expect(shown(reader)).toEqual(log.wanted().slice(0, count));
    expect(count).toBeGreaterThan(MAX_ROWS - 1);
    reader.readOlder();
    await log.rest();
    expect(shown(reader).slice(0, count + 50)).toEqual(log.wanted().slice(0, count + 50));
  });

  it('lets the oldest rows go, and reads them again for whoever scrolls there', async () => {
    const log = new Log(1, 200);
    const reader = await started(log);
    tell(reader, log.write(MAX_ROWS));
    log.draw();
    expect(shown(reader)).toEqual(log.wanted().slice(0, MAX_ROWS));
    expect(reader.state().older).toEqual({ at: 'top' });
    reader.isScrolled = () => true;
    reader.readOlder();
    await log.rest();
    expect(shown(reader).length).toBeGreaterThan(MAX_ROWS);
    expect(shown(reader)).toEqual(log.wanted().slice(0, shown(reader).length));
  });

  it('takes nothing away from somebody who reads further down', async () => {
    const log = new Log(1, 200);
    const reader = await started(log);
    tell(reader, log.write(MAX_ROWS - 150));
    log.draw();
    const before = shown(reader);
    let isScrolled = true;
    reader.isScrolled = () => isScrolled;
    tell(reader, log.write(100));
    log.draw();
    expect(shown(reader)).toEqual(before);
    expect(reader.state().held).toBe(100);
    isScrolled = false;
    reader.flush();
    expect(shown(reader)).toEqual(log.wanted().slice(0, MAX_ROWS));
  });

  it('searches on through pages without a match, says so, and can be stopped', async () => {
    const log = new Log(5000, 20_000);
    const reader = log.reader();
    reader.start();
    await log.answer();
    await log.answer();
    await log.answer();
    expect(reader.state().search).toEqual({ phase: 'searching', pages: 2 });
    reader.stopSearch();
    await log.rest();
    expect(reader.state().search).toEqual({ phase: 'stopped' });
    reader.readOlder();
    await log.rest();
    expect(shown(reader)).toEqual(log.wanted());
    expect(reader.state()).toMatchObject({ older: { at: 'end' }, search: { phase: 'rest' } });
  });

  it('reads again after a gap, and keeps what it joins', async () => {
    const log = new Log(1, 3000);
    const reader = await started(log);
    reader.readOlder();
    await log.rest();
    const before = shown(reader);
    log.write(20);
    reader.noteGap();
    await log.rest();
    expect(shown(reader).slice(0, before.length + 20)).toEqual([...log.wanted().slice(0, 20), ...before]);
    expect(shown(reader)).toEqual(log.wanted().slice(0, shown(reader).length));
  });

  it('shows the newest now and then while more comes than it is told of', async () => {
    const log = new Log(1, 50);
    const reader = await started(log);
    for (let times = 0; times < 5; times += 1) {
      log.write(20);
      reader.noteGap();
      const newest = log.events.at(-1)?.id;
      // As fast as that: while it is read, there are gaps again.
      log.write(20);
      reader.noteGap();
      tell(reader, log.write(1));
      log.draw();
      expect(log.requests).toHaveLength(1);
      await log.answer();
      expect(Number(shown(reader)[0])).toBeGreaterThanOrEqual(Number(newest));
    }
    await log.rest();
    expect(shown(reader)).toEqual(log.wanted());
  });

  it('stands still when it is paused, whatever is missing', async () => {
    const log = new Log(1, 50);
    const reader = await started(log);
    reader.noteGap();
    reader.setPaused(true);
    log.write(20);
    reader.noteGap();
    log.write(1);
    await log.answer();
    expect(log.requests).toEqual([]);
    const [newest] = shown(reader);
    tell(reader, log.write(5));
    reader.noteGap();
    await log.rest();
    expect(shown(reader)[0]).toBe(newest);
    reader.setPaused(false);
    await log.rest();
    expect(shown(reader)).toEqual(log.wanted());
  });

  it('begins anew when another log answers', async () => {
    const log = new Log(1, 300);
    const reader = await started(log);
    log.events = Array.from({ length: 400 }, (_, index) => event(index + 1, 1, T0 + 1_000_000));
    reader.noteGap();
    await log.rest();
    const times = reader.state().rows.map(({ created_at }) => Date.parse(created_at));
    expect(Math.min(...times)).toBeGreaterThan(T0 + 1_000_000);
    expect(shown(reader)).toEqual(log.wanted().slice(0, shown(reader).length));
  });

  it('keeps what it shows while the log cannot be read, and tries again by itself', async () => {
    const log = new Log(1, 10);
    const reader = await started(log);
    reader.noteGap();
    log.requests.shift()?.fail(new Error('away'));
    await settled();
    expect(reader.state()).toMatchObject({ head: { phase: 'failed' }, rows: { length: 10 } });
    tell(reader, log.write(2));
    for (const again of log.timers.splice(0)) again();
    await log.rest();
    expect(reader.state().head).toEqual({ phase: 'ready' });
    expect(shown(reader)).toEqual(log.wanted());
  });

  type Step =
    | { do: 'write' | 'miss'; count: number }
    | { do: 'pause' | 'resume' | 'scroll' | 'top' | 'older' | 'draw' | 'answer' };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constantFrom('write' as const, 'write' as const, 'miss' as const),
      count: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1000, max: 4500 })),
    }),
    fc.record({
      do: fc.constantFrom('pause' as const, 'resume' as const, 'scroll' as const, 'top' as const, 'older' as const),
    }),
    fc.record({ do: fc.constantFrom('draw' as const, 'draw' as const, 'answer' as const, 'answer' as const) }),
  );

  it('always shows the newest of the log without a hole, and loses nothing, whatever is done in which order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(1, 3, 700), async (steps, every) => {
        const log = new Log(every, 250);
        const reader = log.reader();
        let isScrolled = false;
        reader.isScrolled = () => isScrolled;
        reader.start();
        for (const one of steps) {
          await act(one);
          await settled();
          const rows = shown(reader);
          const wanted = log.wanted();
          const from = rows[0] === undefined ? 0 : wanted.indexOf(rows[0]);
          expect(rows).toEqual(wanted.slice(from, from + rows.length));
        }
        isScrolled = false;
        reader.setPaused(false);
        reader.flush();
        await log.rest();
        const rows = shown(reader);
        expect(rows).toEqual(log.wanted().slice(0, rows.length));
        expect(rows.length).toBeGreaterThanOrEqual(Math.min(log.wanted().length, 50));
        expect(reader.state().held).toBe(0);
        reader.stop();

        async function act(one: Step): Promise<void> {
          switch (one.do) {
            case 'write':
              return tell(reader, log.write(one.count));
            case 'miss':
              // The stream begins anew, and does not know where it was.
              log.write(one.count);
              return reader.noteGap();
            case 'pause':
              return reader.setPaused(true);
            case 'resume':
              return reader.setPaused(false);
            case 'scroll':
              isScrolled = true;
              return;
            case 'top':
              isScrolled = false;
              return reader.flush();
            case 'older':
              return reader.readOlder();
            case 'draw':
              return log.draw();
            case 'answer':
              return await log.answer();
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
