import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogRedaction } from './log-redaction.ts';

const redaction = new LogRedaction();

describe('keeping secrets out of the log', () => {
  it('goes by names, however deep they lie', () => {
    const entry = { token: 'a', user_id: 'ada', job: { headers: [{ Authorization: 'Basic eA==' }], db_password: 'b' } };
    expect(redaction.entry(entry)).toEqual({
      token: '[redacted]',
      user_id: 'ada',
      job: { headers: [{ Authorization: '[redacted]' }], db_password: '[redacted]' },
    });
  });

  it('leaves counts of tokens and what only sounds like a secret', () => {
    const entry = { tokens: 12, token_count: 3, memories: 4, is_secret: true };
    expect(redaction.entry(entry)).toEqual(entry);
  });

  it('leaves out what agents wrote, also where PostgreSQL quotes it', () => {
    const entry = { err: { message: 'duplicate key', detail: 'Key (text)=(the cellar) exists' }, content: { a: 1 } };
    expect(redaction.entry(entry)).toEqual({
      err: { message: 'duplicate key', detail: '[left out]' },
      content: '[left out]',
    });
  });

  it.each([
    ['connect to postgres://ada:p@ss/w0rd@db:5432/a failed', 'p@ss/w0rd'],
    ['GET https://example.com/?token=abc123def', 'abc123def'],
    ['http://127.0.0.1/#code=Zm9vYmFy', 'Zm9vYmFy'],
    ['Authorization: Bearer abc.def-ghi', 'abc.def-ghi'],
    ['{"password":"hunter \\"two\\""}', 'hunter'],
    ["host=db password='x y z'", 'x y z'],
    [`archon_${'aB3'.repeat(15)} is not valid`, 'aB3aB3'],
    ['signed with whsec_Zm9vYmFy+/=', 'whsec_Zm9v'],
    ['cookie: archon=abcdef; other', 'abcdef'],
  ])('goes by form: %s', (text, secret) => {
    expect(redaction.text(text)).not.toContain(secret);
  });

  it('keeps names of tables, addresses without credentials, and ordinary words', () => {
    for (const text of [
      'relation "archon_working_memory_2026_embeddings_by_organisation" does not exist',
      'connect ECONNREFUSED 127.0.0.1:5432 (http://localhost:8181/health)',
      'the token was revoked',
    ]) {
      expect(redaction.text(text)).toBe(text);
    }
  });

  it('never lets a known secret through, wherever it stands and however long the text', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!$%*+,./?@_~-]{12,40}$/);
    const noise = fc.string({ maxLength: 200 });
    fc.assert(
      fc.property(secret, noise, noise, fc.nat(70_000), (known, before, after, padding) => {
        const text = `${before}${' '.repeat(padding)}${known}${after}`;
        const url = `redis://u:${encodeURIComponent(known)}@host/0`;
        const entry = { msg: text, deep: [{ note: text, url }], [`name ${known}`]: 1 };
        const shown = JSON.stringify(new LogRedaction([known]).entry(entry));
        expect(shown).not.toContain(known);
        expect(shown).not.toContain(encodeURIComponent(known));
      }),
      { numRuns: 200 },
    );
  });

  it('bounds what one entry can hold', () => {
    const huge = { text_of_it: 'x'.repeat(1_000_000), list: Array.from({ length: 5000 }, (_, index) => index) };
    expect(JSON.stringify(redaction.entry(huge)).length).toBeLessThan(20_000);
  });

  it('takes no longer for text that is made to be slow', () => {
    const texts = [
      '://',
      'password=',
      '\\"',
      '?a',
      'sig=',
      'invalid input ',
      '"text":"',
      '"',
      '...", is not valid JSON ',
    ];
    for (const text of texts.map((part) => `"${part.repeat(600_000 / part.length)}`)) {
      expect(redaction.text(text).length).toBeLessThan(20_000);
    }
  });
});
