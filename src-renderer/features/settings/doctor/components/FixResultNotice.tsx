/** What came of a fix; it stays until it is closed or the checks are run again. */
import { X } from 'lucide-react';
import { IconButton } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import type { FixResult } from '../use-doctor.ts';

const LOOKS = { done: 'border-ok/40 bg-ok/10', failed: 'border-bad/40 bg-bad-soft' } as const;

export function FixResultNotice({ result, onClose }: { result: FixResult; onClose(): void }) {
  return (
    <div
      role={result.kind === 'done' ? 'status' : 'alert'}
      className={cx('flex items-center gap-2 rounded-md border px-3 py-1.5', LOOKS[result.kind])}
    >
      <p className="content-text min-w-0 flex-1 [overflow-wrap:anywhere]">{visibleText(result.text)}</p>
      <IconButton label="Close" icon={<X aria-hidden="true" className="size-4" />} onClick={onClose} />
    </div>
  );
}
