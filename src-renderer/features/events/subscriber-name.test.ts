import { describe, expect, it } from 'vitest';
import { subscriberName } from './subscriber-name.ts';

const ONE = 'webhook.019b0000-0000-7000-8000-00000000ab12';

describe('what a subscriber is called', () => {
  it('is the name of its webhook, with what it hides in sight', () => {
    expect(subscriberName(ONE, new Map([[ONE, 'Billing\u202e']]), true)).toBe('Billing‹U+202E›');
  });

  it('says that the webhook was removed, as soon as that is known', () => {
    expect(subscriberName(ONE, new Map(), true)).toBe('removed webhook …ab12');
    expect(subscriberName(ONE, new Map(), false)).toBe('webhook …ab12');
  });

  it('is its own name otherwise', () => {
    expect(subscriberName('embeddings', new Map(), true)).toBe('embeddings');
  });
});
