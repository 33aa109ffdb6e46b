const isMac = /mac/i.test(navigator.platform);

/** Keys as they are named on this system; `Mod` is Ctrl or ⌘. */
export function keyNames(keys: string): string[] {
  return keys.split(' ').map((key) => (key === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : key));
}

export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      {keyNames(keys).map((key) => (
        <kbd
          key={key}
          className="rounded border border-line-strong bg-bg px-1 font-sans text-[11px] text-muted leading-4"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
