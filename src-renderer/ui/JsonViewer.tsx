/** JSON as a tree that can be folded. Large parts are folded at first and shown in pieces. */
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { JsonValue } from '../../src-contract/index.ts';
import { Button } from './Button.tsx';
import { cx } from './classes.ts';
import { visibleText } from './content/visible-text.ts';
import { number } from './format.ts';

const OPEN_DEPTH = 2;
const OPEN_SIZE = 20;
const STEP = 100;
const MAX_TEXT = 2000;

export function JsonViewer({ value, label }: { value: JsonValue; label: string }) {
  return (
    <div
      role="group"
      aria-label={label}
      className="overflow-x-auto rounded-md border border-line bg-bg p-2 font-mono text-xs leading-[1.6]"
    >
      <Node name={undefined} value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name: string | undefined; value: JsonValue; depth: number }) {
  if (value !== null && typeof value === 'object') return <Branch name={name} value={value} depth={depth} />;
  return (
    <div className="pl-4">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({
  name,
  value,
  depth,
}: {
  name: string | undefined;
  value: Extract<JsonValue, object>;
  depth: number;
}) {
  const isArray = Array.isArray(value);
  const entries = Object.entries(value) as [string, JsonValue][];
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH && entries.length <= OPEN_SIZE);
  const [shown, setShown] = useState(STEP);
  const brackets = isArray ? '[]' : '{}';
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        disabled={entries.length === 0}
        onClick={() => setOpen(!isOpen)}
        className="flex max-w-full items-center gap-0.5 text-left"
      >
        <ChevronRight
          aria-hidden="true"
          className={cx(
            'size-3.5 shrink-0 text-faint transition-transform',
            isOpen && 'rotate-90',
            entries.length === 0 && 'invisible',
          )}
        />
        <Name name={name} />
        <span className="text-faint">
          {brackets[0]}
          {!isOpen && entries.length > 0 && ` ${number(entries.length)} `}
          {(!isOpen || entries.length === 0) && brackets[1]}
        </span>
      </button>
      {isOpen && entries.length > 0 && (
        <div className="ml-1.5 border-line border-l pl-2">
          {entries.slice(0, shown).map(([key, member]) => (
            <Node key={key} name={isArray ? undefined : key} value={member} depth={depth + 1} />
          ))}
          {entries.length > shown && (
            <Button size="small" look="ghost" onClick={() => setShown(shown + STEP)}>
              {number(entries.length - shown)} more
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string | undefined }) {
  if (name === undefined) return null;
  return <span className="text-accent-text">{visibleText(name.slice(0, 200))}: </span>;
}

function Leaf({ value }: { value: string | number | boolean | null }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== 'string') return <span className="text-session">{String(value)}</span>;
  const shown = isWhole ? value : value.slice(0, MAX_TEXT);
  return (
    <>
      <span dir="auto" className="whitespace-pre-wrap text-working [overflow-wrap:anywhere]">
        "{visibleText(shown)}"
      </span>
      {value.length > shown.length && (
        <Button size="small" look="ghost" onClick={() => setWhole(true)}>
          {number(value.length - shown.length)} more characters
        </Button>
      )}
    </>
  );
}
