import type { ReactNode } from 'react';
import { cx } from './classes.ts';

const TONES = {
  plain: 'border-line bg-raised text-muted',
  accent: 'border-transparent bg-accent-soft text-accent-text',
  session: 'border-transparent bg-session/15 text-session',
  working: 'border-transparent bg-working/15 text-working',
  longterm: 'border-transparent bg-longterm/15 text-longterm',
  ok: 'border-transparent bg-ok/15 text-ok',
  warn: 'border-transparent bg-warn/15 text-warn',
  bad: 'border-transparent bg-bad-soft text-bad',
} as const;

export type Tone = keyof typeof TONES;

/** A small label. Its text never breaks the layout, however long it is. */
export function Badge({
  tone = 'plain',
  title,
  className,
  children,
}: {
  tone?: Tone;
  title?: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={cx(
        'one-line inline-block max-w-48 rounded border px-1.5 align-middle text-[11px] leading-[18px]',
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
