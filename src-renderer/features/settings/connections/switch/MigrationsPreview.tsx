/** What opening a profile would change in its database, and that the person means it. */
import { useId } from 'react';
import type { MigrationPreview } from '../../../../../src-contract/index.ts';
import { CodeBlock } from '../../../../ui/content/CodeBlock.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Checkbox } from '../../../../ui/fields.tsx';
import { plural } from '../../../../ui/format.ts';

export interface MigrationsPreviewProps {
  preview: MigrationPreview;
  /** Of the database, for the sentence that is agreed to. */
  name: string;
  isAgreed: boolean;
  onAgree(isAgreed: boolean): void;
}

export function MigrationsPreview({ preview, name, isAgreed, onAgree }: MigrationsPreviewProps) {
  const id = useId();
  const { current, target, pending } = preview;
  return (
    <div className="space-y-4">
      <p>
        {current === 0
          ? 'This database holds no Archon yet: its tables are made first.'
          : `Its tables are of an older Archon (${current}) and must be brought up to date (${target}).`}{' '}
        Other programs that use the same database see the change at once
        {current === 0 ? '.' : ', and an older Archon may not work on it any more.'}
      </p>
      <p className="rounded-md bg-warn/15 px-3 py-2">
        <span className="font-semibold text-warn">Back the database up first.</span> A migration cannot be taken back.
      </p>
      <section className="space-y-1.5">
        <h3 className="font-semibold text-muted text-xs">{plural(pending.length, 'migration')}</h3>
        <ul aria-label="Migrations" className="space-y-1">
          {pending.map(({ version, name: title, sql }) => (
            <li key={version} className="rounded-md border border-line">
              <details>
                <summary className="cursor-pointer px-3 py-1.5">
                  <span className="text-faint tabular-nums">{version}</span> {visibleText(title)}
                </summary>
                <div className="px-3 pb-2">
                  <CodeBlock text={sql} language="sql" />
                </div>
              </details>
            </li>
          ))}
        </ul>
      </section>
      <div className="flex items-center gap-2">
        <Checkbox label={`Change ${visibleText(name)}`} checked={isAgreed} onChange={onAgree} />
        <span id={id} className="[overflow-wrap:anywhere]">
          I have a backup, or need none: change the database of <strong>{visibleText(name)}</strong>.
        </span>
      </div>
    </div>
  );
}
