import { describe, expect, it } from 'vitest';
import { Mailbox } from './mailbox.ts';

describe('messages for the page', () => {
  it('wait until somebody listens, and reach whoever does', () => {
    const mailbox = new Mailbox<string>();
    mailbox.deliver('early');
    const first: string[] = [];
    const second: string[] = [];
    const stop = mailbox.listen((message) => first.push(message));
    mailbox.listen((message) => second.push(message));
    mailbox.deliver('later');
    stop();
    mailbox.deliver('last');
    expect(first).toEqual(['early', 'later']);
    expect(second).toEqual(['later', 'last']);
  });
});
