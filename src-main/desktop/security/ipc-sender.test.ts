import { describe, expect, it } from 'vitest';
import { distrust, type SenderEvent } from './ipc-sender.ts';

const window = {} as SenderEvent['sender'];
const event = (origin: string, more: { parent?: object | null; sender?: object } = {}): SenderEvent =>
  ({ sender: more.sender ?? window, senderFrame: { origin, parent: more.parent ?? null } }) as unknown as SenderEvent;
const trusted = 'app://archon';

describe('a message to the main process', () => {
  it('counts from the top frame of our window at our origin', () => {
    expect(distrust(event(trusted), window, trusted)).toBeUndefined();
  });

  it.each([
    ['of an origin that begins like ours', event('app://archon.example')],
    ['of our other page', event('app://problem')],
    ['of a web page', event('https://archon')],
    ['of a page without an origin', event('null')],
    ['of a frame inside the page', event(trusted, { parent: {} })],
    ['of another window', event(trusted, { sender: {} })],
    ['of a frame that is gone', { sender: window, senderFrame: null }],
  ])('does not count %s', (_what, message) => {
    expect(distrust(message, window, trusted)).toEqual(expect.any(String));
  });

  it('does not count while there is no window', () => {
    expect(distrust(event(trusted), undefined, trusted)).toBe('it comes from another window');
  });
});
