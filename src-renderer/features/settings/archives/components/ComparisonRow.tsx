import { X } from 'lucide-react';
import type { Comparison } from '../../../../../src-contract/index.ts';
import { client } from '../../../../rpc/client.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { number, plural } from '../../../../ui/format.ts';
import { Progress } from '../../../../ui/Progress.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { differencesOf } from '../archive-words.ts';
import { useOfflineAction } from '../hooks/use-snapshots.ts';

const STEPS = 4;

/** One of the last comparisons. */
export function ComparisonRow({ comparison, onShow }: { comparison: Comparison; onShow(): void }) {
  const { busy, run } = useOfflineAction();
  const { comparison_id, before_name, after_name } = comparison;
  const name = `${excerpt(before_name, 60)} → ${excerpt(after_name, 60)}`;
  return (
    <li aria-label={name} className="space-y-1.5 border-line border-t px-3 py-2.5">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p dir="auto" className="one-line font-medium">
            {name}
          </p>
          <p className="text-muted text-xs">
            <Ago time={comparison.started_at} />
            {comparison.state === 'succeeded' && ` · ${plural(differencesOf(comparison), 'difference')}`}
          </p>
        </div>
        {comparison.state === 'failed' && <Badge tone="bad">Failed</Badge>}
        {comparison.state === 'succeeded' && (
          <Button size="small" onClick={onShow}>
            Show
          </Button>
        )}
        <IconButton
          label={comparison.state === 'running' ? `Stop ${name}` : `Forget ${name}`}
          disabled={busy}
          icon={<X aria-hidden="true" className="size-4" />}
          onClick={() => run(() => client.offline.forgetComparison({ comparison_id }))}
        />
      </div>
      {comparison.state === 'running' && (
        <div className="flex items-center gap-3">
          <Progress
            label={`Comparison of ${name}`}
            value={(comparison.progress.step - 1 + comparison.progress.share) / STEPS}
          />
          <span className="shrink-0 text-muted text-xs tabular-nums">
            {number(comparison.progress.records_done)} records
          </span>
        </div>
      )}
      {comparison.state === 'failed' && (
        <p role="status" className="content-text text-bad text-xs">
          {visibleText(comparison.failure)}
        </p>
      )}
    </li>
  );
}
