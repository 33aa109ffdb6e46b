import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkValue } from './check-value.ts';
import { contentOf, editConfigText, parseConfigText, putAside, writeConfigFile } from './config-file.ts';
import type { ConfigName } from './config-schema.ts';
import { CONFIG_NAMES } from './describe-key.ts';

const membersOf = (text: string): Record<string, unknown> => {
  const parsed = parseConfigText(text);
  if (parsed.kind !== 'object') throw new Error(`${parsed.kind}: ${text}`);
  return parsed.members;
};
const givenBy = (text: string) => contentOf(membersOf(text)).given;

describe('editing a configuration file', () => {
  it('changes a key where it stands, dotted or nested, and keeps what it does not know', () => {
    const text =
      '{"log": {"level": "warn", "colour": 1}, "server.port": 9000, "future": {"big": 12345678901234567890}}';
    const edited = editConfigText(text, [
      ['log.level', 'debug'],
      ['server.port', undefined],
      ['log.files', 3],
    ]);
    expect(edited).toBe(
      `${JSON.stringify({ log: { level: 'debug', colour: 1 }, future: { big: 'BIG' }, 'log.files': 3 }, null, 2).replace('"BIG"', '12345678901234567890')}\n`,
    );
  });

  it('reads back what was set and loses nothing else, whatever is in the file', () => {
    const unknown = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }));
    const name = fc.constantFrom<ConfigName>(...CONFIG_NAMES);
    const value = fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.array(fc.string()));
    fc.assert(
      fc.property(unknown, fc.array(fc.tuple(name, value)), name, value, (others, before, key, set) => {
        const text = JSON.stringify({ ...others, ...Object.fromEntries(before) });
        const was = contentOf(membersOf(text));
        const edited = editConfigText(text, [[key, set]]);
        expect(givenBy(edited)).toEqual(new Map([...was.given, [key, set]]));
        expect(contentOf(membersOf(edited)).unknown).toEqual(was.unknown);
        expect(givenBy(editConfigText(edited, [[key, undefined]])).has(key)).toBe(false);
        expect(membersOf(editConfigText(text, []))).toEqual(membersOf(text));
      }),
    );
  });

  it('refuses any JSON value or takes one that is stored as it is', () => {
    fc.assert(
      fc.property(fc.constantFrom<ConfigName>(...CONFIG_NAMES), fc.jsonValue(), (key, value) => {
        const checked = checkValue(key, value, '/');
        if ('rule' in checked) {
          expect(checked.rule).toMatch(/^must be /);
          return;
        }
        const stored = givenBy(editConfigText('{}', [[key, checked.value]])).get(key);
        expect(checkValue(key, stored, '/')).toEqual(checked);
      }),
      { numRuns: 2000, examples: [['memory.reserve_working', -0]] },
    );
  });
});

describe('writing it', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archon-config-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps a link a link, and who may read the file', () => {
    const target = join(folder, 'real.json');
    const link = join(folder, 'archon.config.json');
    writeFileSync(target, '{}');
    chmodSync(target, 0o640);
    symlinkSync(target, link);
    writeConfigFile(link, '{"a":1}');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('{"a":1}');
    expect(statSync(target).mode & 0o777).toBe(0o640);
  });

  it('makes a new one for its owner alone, and leaves one that is read-only', () => {
    const path = join(folder, 'archon.config.json');
    writeConfigFile(path, '{}');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o400);
    expect(() => writeConfigFile(path, '{"a":1}')).toThrow('is read-only');
    expect(readFileSync(path, 'utf8')).toBe('{}');
    expect(readdirSync(folder)).toEqual(['archon.config.json']);
  });

  it('puts a damaged one aside under a name of its own', () => {
    const path = join(folder, 'archon.config.json');
    const clock = { now: () => Date.UTC(2026, 10, 30, 16, 0, 0) };
    const names = ['one', 'two'].map((text) => {
      writeFileSync(path, text);
      return putAside(path, clock);
    });
    expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(['one', 'two']);
  });
});
