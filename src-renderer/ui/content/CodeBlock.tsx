import { type CSSProperties, useEffect, useState } from 'react';
import type { ThemedToken } from 'shiki/types';
import { CopyButton } from '../CopyButton.tsx';
import { highlight, knownLanguage } from './highlighter.ts';
import { Marked } from './Marked.tsx';
import { visibleText } from './visible-text.ts';

/** Longer code is shown plain: colouring it would stop the page for too long. */
const MAX_HIGHLIGHTED = 30_000;

export interface CodeBlockProps {
  text: string;
  language: string;
  /** Marks where this text occurs. */
  find?: string | undefined;
}

export function CodeBlock({ text, language, find }: CodeBlockProps) {
  const shown = visibleText(text);
  const tokens = useTokens(shown, find ? undefined : knownLanguage(language));
  return (
    <figure className="group/code relative my-1.5 overflow-hidden rounded-md border border-line bg-bg">
      <figcaption className="flex h-7 items-center border-line border-b pr-0.5 pl-2.5 text-[11px] text-faint">
        <span className="one-line flex-1">{language || 'code'}</span>
        <CopyButton text={text} what="Copy code" />
      </figcaption>
      <pre tabIndex={0} className="max-h-[480px] overflow-auto p-2.5 font-mono text-xs leading-[1.55]">
        <code>{tokens ? <Tokens lines={tokens} /> : <Marked text={shown} find={find} />}</code>
      </pre>
    </figure>
  );
}

function Tokens({ lines }: { lines: ThemedToken[][] }) {
  return lines.map((line, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text never move.
    <span key={row}>
      {line.map((token) => (
        <span key={token.offset} className="code-token" style={token.htmlStyle as CSSProperties}>
          {token.content}
        </span>
      ))}
      {row < lines.length - 1 && '\n'}
    </span>
  ));
}

function useTokens(text: string, language: string | undefined): ThemedToken[][] | undefined {
  const [tokens, setTokens] = useState<{ text: string; lines: ThemedToken[][] }>();
  useEffect(() => {
    if (language === undefined || text.length > MAX_HIGHLIGHTED) return;
    let current = true;
    // Without colours when a language cannot be loaded.
    highlight(text, language).then(
      (lines) => current && lines.length > 0 && setTokens({ text, lines }),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [text, language]);
  return language !== undefined && tokens?.text === text ? tokens.lines : undefined;
}
