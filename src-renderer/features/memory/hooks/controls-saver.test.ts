import { describe, expect, it } from 'vitest';
import { type ControlsState, DEFAULT_CONTROLS } from '../../../../src-contract/index.ts';
import { type ControlsPatch, ControlsSaver, withPatch } from './controls-saver.ts';

const NOTHING_SET: ControlsState = {
  user_id: 'ana',
  overrides: { enabled: null, layers: { session: null, working: null, longterm: null }, max_tokens: null },
  inherited: DEFAULT_CONTROLS,
  effective: DEFAULT_CONTROLS,
};

/** An engine that answers when the test says so. */
function setUp() {
  let shown = NOTHING_SET;
  let saved = NOTHING_SET;
  const sent: ControlsPatch[] = [];
  const errors: unknown[] = [];
  let answer: ((error?: Error) => void) | undefined;
  const saver = new ControlsSaver({
    read: () => shown,
    show: (state) => {
      shown = state;
    },
    send: (patch) => {
      sent.push(patch);
      return new Promise((resolve, reject) => {
        answer = (error) => {
          if (error) return reject(error);
          saved = withPatch(saved, patch);
          resolve(saved);
        };
      });
    },
    onRest: (error) => errors.push(error),
  });
  const reply = async (error?: Error) => {
    answer?.(error);
    await new Promise((done) => setImmediate(done));
  };
  return { saver, sent, errors, reply, shown: () => shown };
}

describe('saving memory controls', () => {
  it('shows every key press at once, whatever is answered meanwhile, and saves the last', async () => {
    const { saver, sent, errors, reply, shown } = setUp();
    saver.change({ max_tokens: 8500 });
    saver.change({ max_tokens: 9000 });
    expect(shown().effective.max_tokens).toBe(9000);
    await reply();
    expect(shown().effective.max_tokens).toBe(9000);
    saver.change({ max_tokens: 9500 });
    expect(shown().effective.max_tokens).toBe(9500);
    await reply();
    await reply();
    expect(sent).toEqual([{ max_tokens: 8500 }, { max_tokens: 9000 }, { max_tokens: 9500 }]);
    expect(shown()).toMatchObject({ effective: { max_tokens: 9500 }, overrides: { max_tokens: 9500 } });
    expect(errors).toEqual([undefined]);
    expect(saver.isSaving).toBe(false);
  });

  it('sends what was changed while it saved as one', async () => {
    const { saver, sent, reply, shown } = setUp();
    saver.change({ enabled: false });
    saver.change({ layers: { working: false } });
    saver.change({ layers: { session: false } });
    saver.change({ max_tokens: 2000 });
    saver.change({ enabled: null });
    await reply();
    await reply();
    expect(sent[1]).toEqual({ enabled: null, layers: { working: false, session: false }, max_tokens: 2000 });
    expect(shown().effective).toEqual({
      enabled: true,
      layers: { session: false, working: false, longterm: true },
      max_tokens: 2000,
    });
  });

  it('goes back to what is saved when a save fails, and tells', async () => {
    const { saver, errors, reply, shown } = setUp();
    saver.change({ max_tokens: 9000 });
    await reply();
    saver.change({ max_tokens: 9500 });
    saver.change({ enabled: false });
    const error = new Error('away');
    await reply(error);
    expect(shown().effective).toMatchObject({ max_tokens: 9000, enabled: true });
    expect(errors).toEqual([undefined, error]);
    saver.change({ max_tokens: 10_000 });
    await reply();
    expect(shown().effective.max_tokens).toBe(10_000);
  });
});
