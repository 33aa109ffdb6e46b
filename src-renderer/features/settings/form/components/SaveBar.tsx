/** Under the form while something in it is not saved. */
import { Button } from '../../../../ui/Button.tsx';
import { plural } from '../../../../ui/format.ts';
import { Kbd } from '../../../../ui/Kbd.tsx';

export interface SaveBarProps {
  changed: number;
  wrong: number;
  /** Typed in sections that are not shown. */
  elsewhere: number;
  busy: boolean;
  onSave(): void;
  onDiscard(): void;
}

export function SaveBar({ changed, wrong, elsewhere, busy, onSave, onDiscard }: SaveBarProps) {
  if (changed === 0) return null;
  return (
    <section
      aria-label="Unsaved changes"
      className="flex shrink-0 items-center gap-3 border-accent border-t bg-raised px-4 py-2"
    >
      <p role="status" className="min-w-0 flex-1 text-muted text-xs">
        {plural(changed, 'setting')} not saved
        {wrong > 0 && <span className="text-bad"> · {plural(wrong, 'is', 'are')} not valid</span>}
        {elsewhere > 0 && ` · ${elsewhere} more in other sections`}
      </p>
      <Button size="small" disabled={busy} onClick={onDiscard}>
        Discard
      </Button>
      <Button size="small" look="primary" busy={busy} onClick={onSave}>
        Save <Kbd keys="Mod S" />
      </Button>
    </section>
  );
}
