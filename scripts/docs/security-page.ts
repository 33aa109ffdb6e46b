import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CHECKLIST, type ChecklistItem } from '../../src-main/desktop/security/checklist.ts';
import { FUSES } from '../../src-main/desktop/security/fuses.ts';
import { code, GENERATED, page, table } from './markdown.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const RULES = 'src-main/desktop/security';
const TESTS = 'tests/security';

interface SecurityTest {
  item: number;
  title: string;
  /** By running the app, or by looking at what it asks of Electron. */
  how: 'seen' | 'asked';
}

export function securityPage(): string {
  const tests = readTests();
  const missing = items().filter(([item]) => !tests.some((test) => test.item === item));
  if (missing.length > 0) throw new Error(`no test for: ${missing.map(([, text]) => text).join('; ')}`);
  return page(
    GENERATED,
    '# Security of the desktop app',
    'The window is treated as untrusted: it shows what agents wrote. It runs sandboxed, without Node.js, from `app://` with a strict Content Security Policy, reaches no network, and talks to the engine over one MessagePort that only our own page is given.',
    `These are the items of [Electron’s security checklist](https://www.electronjs.org/docs/latest/tutorial/security), where each is kept (${code(`${RULES}/`)}) and what tests say of it (${code(`${TESTS}/`)}). This list is made from those tests.`,
    '**Seen** means that the test runs the built app, in a stand-in for Electron: its main process under Node.js, its page in Chromium. **Asked** means that the test looks at what the app asks of Electron, which does the rest. The stand-in has no operating system sandbox, no isolated world of the preload script and no executable with fuses, so those are never more than asked there.',
    checklist(tests),
    '## The log',
    'Secrets and what agents wrote are taken out of every entry before it is printed, kept or shown ([how](logs.md)); tests plant secrets and look for them in the files, the list, the live tail and the diagnostics. Only a person reads the log: in the app, logged in with a browser, or at this computer; tokens of agents are refused.',
    '## Secrets',
    'The key that secrets are encrypted with is locked by the keyring of the system (Electron’s safeStorage) where there is one; where there is none, the app says so ([how](secrets.md)). Tests plant secrets in every place that takes one and search everything Archon says and writes.',
    '## Fuses',
    'What packaging is to burn into the executable. The app is not packaged yet, so no executable carries them so far: the test of item 19 compares the list with what is written here, and proves nothing of an executable.',
    table(
      ['fuse', 'value'],
      Object.entries(FUSES).map(([name, value]) => [code(name), value ? 'on' : 'off']),
    ),
  );
}

const items = (): [item: number, text: string][] =>
  Object.entries(CHECKLIST).map(([item, text]) => [Number(item), `${item}. ${text}`]);

function checklist(tests: readonly SecurityTest[]): string {
  const places = rulePlaces();
  const rows = items().map(([item, text]) => {
    const own = tests.filter((test) => test.item === item);
    const lines = own.map(({ how, title }) => `**${how === 'seen' ? 'Seen' : 'Asked'}**: ${title}.`);
    return [text.replaceAll('<', '&lt;'), (places.get(item) ?? []).map(code).join(', '), lines.join('<br>')];
  });
  return table(['item', 'kept in', 'tests'], rows);
}

/** The files whose heading names an item. */
function rulePlaces(): Map<number, string[]> {
  const places = new Map<number, string[]>();
  const files = [
    ...readdirSync(join(ROOT, RULES))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => ({ name, path: join(ROOT, RULES, name) })),
    { name: 'src-preload/index.ts', path: join(ROOT, 'src-preload', 'index.ts') },
    { name: 'package.json', path: undefined },
  ];
  for (const { name, path } of files) {
    for (const item of path === undefined ? [16] : itemsOf(readFileSync(path, 'utf8'))) {
      places.set(item, [...(places.get(item) ?? []), name]);
    }
  }
  return places;
}

/** As in "Item 7: …" and "Items 11 and 12: …" of a file's heading. */
function itemsOf(source: string): number[] {
  const heading = source.slice(0, source.indexOf('*/'));
  const named = /\bItems? (\d+(?:(?:, | and )\d+)*)/.exec(heading)?.[1];
  return named === undefined ? [] : (named.match(/\d+/g) ?? []).map(Number);
}

function readTests(): SecurityTest[] {
  const files = readdirSync(join(ROOT, TESTS)).filter((name) => name.endsWith('.test.ts'));
  return files.flatMap((name) => {
    const source = readFileSync(join(ROOT, TESTS, name), 'utf8');
    return [...source.matchAll(/\b(seen|asked)\((\d+), '((?:[^'\\]|\\.)+)'/g)].map(([, how, item, title]) => ({
      how: how as SecurityTest['how'],
      item: Number(item) satisfies number as ChecklistItem,
      title: title ?? '',
    }));
  });
}
