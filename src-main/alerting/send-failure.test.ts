import { expect, it } from 'vitest';
import { quoted, withoutSecrets } from './send-failure.ts';

const SECRET = 'a+secret/"word"';

it('hides a secret as it is, in addresses, in JSON, and in what a mail server is sent', () => {
  const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  for (const said of [SECRET, encodeURIComponent(SECRET), JSON.stringify(SECRET), base64(SECRET)]) {
    const shown = withoutSecrets(`535 not with ${said} here`, [SECRET, null]);
    expect(shown).toMatch(/^535 not with "?\*{8}"? here$/);
  }
  for (const user of ['', 'a', 'an', 'ana']) {
    const shown = withoutSecrets(`535 AUTH PLAIN ${base64(`\0${user}\0${SECRET}`)} no`, [SECRET]);
    expect(shown).toBe('535 AUTH PLAIN ******** no');
  }
});

it('hides what is left of one where a long answer was cut off', () => {
  for (const left of [4, 5, SECRET.length - 1]) {
    const said = quoted(`${'x'.repeat(200 - left)}${SECRET} and more`);
    expect(said).toContain(`${SECRET.slice(0, left)}…`);
    expect(withoutSecrets(said, [SECRET])).toBe(`${'x'.repeat(200 - left)}********…`);
  }
});

it('leaves words alone that are too short to be a secret', () => {
  expect(withoutSecrets('the cat sat', ['cat', null])).toBe('the cat sat');
});
