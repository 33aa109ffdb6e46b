/** Syntax highlighting with shiki: its core and each language are loaded when the first block asks for them. */
import type { HighlighterCore, LanguageRegistration, ThemedToken } from 'shiki/types';

type Languages = Record<string, () => Promise<{ default: LanguageRegistration[] }>>;

const LANGUAGES: Languages = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  ini: () => import('shiki/langs/ini.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
};

/** Other names that fences use. */
const ALIASES: Record<string, string> = {
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  console: 'bash',
  'c++': 'cpp',
  cs: 'csharp',
  'c#': 'csharp',
  patch: 'diff',
  dockerfile: 'docker',
  golang: 'go',
  js: 'javascript',
  jsx: 'tsx',
  mjs: 'javascript',
  jsonc: 'json',
  json5: 'json',
  kt: 'kotlin',
  md: 'markdown',
  py: 'python',
  python3: 'python',
  rb: 'ruby',
  rs: 'rust',
  postgres: 'sql',
  postgresql: 'sql',
  ts: 'typescript',
  svg: 'xml',
  yml: 'yaml',
};

let core: Promise<HighlighterCore> | undefined;
const loaded = new Map<string, Promise<void>>();

/** The language of a fence as we know it; undefined when we do not. */
export function knownLanguage(name: string): string | undefined {
  const lower = name.toLowerCase();
  const language = Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : lower;
  return language !== undefined && Object.hasOwn(LANGUAGES, language) ? language : undefined;
}

/** Tokens by line, each with colours for the dark and the light theme in CSS variables. */
export async function highlight(text: string, language: string): Promise<ThemedToken[][]> {
  core ??= createCore();
  const highlighter = await core;
  let language_ready = loaded.get(language);
  if (language_ready === undefined) {
    language_ready = LANGUAGES[language]?.().then((module) => highlighter.loadLanguage(...module.default));
    if (language_ready === undefined) return [];
    loaded.set(language, language_ready);
  }
  await language_ready;
  return highlighter.codeToTokens(text, {
    lang: language,
    // Both with enough contrast on our own background.
    themes: { dark: 'github-dark-default', light: 'github-light-high-contrast' },
    defaultColor: false,
  }).tokens;
}

async function createCore(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }, dark, light] = await Promise.all([
    import('shiki/core'),
    import('shiki/engine/javascript'),
    import('shiki/themes/github-dark-default.mjs'),
    import('shiki/themes/github-light-high-contrast.mjs'),
  ]);
  return await createHighlighterCore({
    themes: [dark.default, light.default],
    // No WebAssembly: the page's Content-Security-Policy allows none.
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
}
