/** One record before and after, with what changed in its text and fields. */
import type { Difference } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { fullTime } from '../../../../ui/format.ts';
import { TextChanges } from '../../../memory/components/TextChanges.tsx';
import { KIND_TONES, LAYER_NAME } from '../archive-words.ts';
import type { DifferenceRow } from '../hooks/use-comparisons.ts';

export function DifferenceDrawer({ difference, onClose }: { difference: DifferenceRow; onClose(): void }) {
  const { kind, layer, user_id, session_id, record_id, before, after, fields } = difference;
  const facts: [string, string | null][] = [
    ['User', user_id],
    ['Session', session_id],
    ['Id', record_id],
    ['Type', (after ?? before)?.memory_type ?? (after ?? before)?.role ?? null],
    ['Time', timeOf(after ?? before)],
  ];
  return (
    <Drawer
      label="Difference"
      onClose={onClose}
      heading={
        <>
          <Badge tone={KIND_TONES[kind]}>{kind}</Badge>
          <span className="font-semibold">{LAYER_NAME[layer]}</span>
        </>
      }
    >
      <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
        <dl className="space-y-1 text-xs">
          {facts.map(
            ([name, value]) =>
              value !== null && (
                <div key={name} className="flex items-center gap-3">
                  <dt className="w-16 shrink-0 text-faint">{name}</dt>
                  <dd className="flex min-w-0 flex-1 items-center gap-3">
                    <span dir="auto" className="min-w-0 flex-1 [overflow-wrap:anywhere]">
                      {visibleText(value)}
                    </span>
                    {name === 'Id' && <CopyButton text={value} label="Copy the id" />}
                  </dd>
                </div>
              ),
          )}
        </dl>
        <section aria-label="Text" className="space-y-1">
          <h3 className="font-semibold text-muted text-xs">Text</h3>
          <TextChanges before={before?.text ?? ''} after={after?.text ?? ''} />
          {(before?.is_cut || after?.is_cut) && <p className="text-faint text-xs">Only its beginning is kept.</p>}
        </section>
        {fields.length > 0 && (
          <section aria-label="Fields that differ" className="space-y-1">
            <h3 className="font-semibold text-muted text-xs">Fields that differ</h3>
            <ul className="space-y-2 text-xs">
              {fields.map(({ field, before: was, after: is }) => (
                <li key={field} className="[overflow-wrap:anywhere]">
                  <span className="font-medium">{field}</span>
                  <p>
                    <del className="text-bad">{visibleText(was ?? 'none')}</del> →{' '}
                    <ins className="text-ok no-underline">{visibleText(is ?? 'none')}</ins>
                  </p>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Drawer>
  );
}

const timeOf = (said: Difference['after']): string | null => (said?.at ? fullTime(said.at) : null);
