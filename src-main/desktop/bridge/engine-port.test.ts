import { EventEmitter } from 'node:events';
import type { MessagePortMain } from 'electron';
import { describe, expect, it } from 'vitest';
import { EnginePort } from './engine-port.ts';

function setup() {
  const sent: unknown[] = [];
  const inner = Object.assign(new EventEmitter(), {
    closes: 0,
    start: () => {},
    postMessage: (message: unknown) => sent.push(message),
    close() {
      inner.closes += 1;
    },
  });
  const port = new EnginePort(inner as unknown as MessagePortMain);
  let ended = 0;
  port.on('close', () => {
    ended += 1;
  });
  return { inner, port, sent, ended: () => ended };
}

describe('a port to the page', () => {
  it('tells the handler of a close of either side, once', () => {
    const ours = setup();
    ours.port.close();
    ours.inner.emit('close');
    expect([ours.ended(), ours.inner.closes]).toEqual([1, 1]);
    const theirs = setup();
    theirs.inner.emit('close');
    theirs.port.close();
    expect([theirs.ended(), theirs.inner.closes]).toEqual([1, 1]);
  });

  it('takes nothing once it is retired, and still answers', () => {
    const { inner, port, sent } = setup();
    const taken: unknown[] = [];
    port.on('message', (message) => taken.push(message));
    inner.emit('message', { data: 'before' });
    port.retire();
    inner.emit('message', { data: 'after' });
    port.postMessage('answer');
    expect([taken, sent]).toEqual([[{ data: 'before' }], ['answer']]);
  });

  it('sends nothing once it is closed', () => {
    const { port, sent } = setup();
    port.postMessage('before');
    port.close();
    port.postMessage('after');
    expect(sent).toEqual(['before']);
  });
});
