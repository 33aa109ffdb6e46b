import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERIFY_SNIPPETS } from './verify-snippets.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/user/webhooks.md'), 'utf8');
const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\`$`, 'gm'))].map(([, code]) => code);

const SECRET = 'whsec_0123';
const BODY = '{"id":"7","payload":{"name":"Änne"}}';
const signed = (age_seconds: number, secret = SECRET) => {
  const t = Math.floor(Date.now() / 1000) - age_seconds;
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${BODY}`).digest('hex')}`;
};

describe('how a receiver checks a request', () => {
  it('is said in the app as in the docs', () => {
    expect(blocks('js')).toEqual([VERIFY_SNIPPETS.node.code]);
    expect(blocks('python')).toEqual([VERIFY_SNIPPETS.python.code]);
  });

  it('takes what we signed, and refuses what is old or signed by another', () => {
    const run = (header: string) => {
      const code = `${VERIFY_SNIPPETS.node.code}\nprocess.stdout.write(String(isFromArchon(...JSON.parse(process.argv[1]))));`;
      const given = JSON.stringify([SECRET, header, BODY]);
      return execFileSync(process.execPath, ['--input-type=module', '-e', code, given], { encoding: 'utf8' });
    };
    expect([run(signed(0)), run(signed(600)), run(signed(0, 'another'))]).toEqual(['true', 'false', 'false']);
  });
});
