/** Chooses two archives to compare: files, archives taken before, finished exports, or what is open now. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { GitCompareArrows } from 'lucide-react';
import { useId, useState } from 'react';
import type { ComparedSource, Snapshot } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { dayAndClock } from '../../../../ui/format.ts';
import { inWordsOfTheFile } from '../../../transfer/file-problem.ts';
import { nameOf } from '../../../transfer/job-words.ts';
import { ArchiveFile } from './ArchiveFile.tsx';

/** How a person names a source in the list. */
interface Option {
  key: string;
  label: string;
  source: ComparedSource;
}
const FILE = 'file';
const OPEN: Option = { key: 'open', label: 'What is open now', source: { kind: 'open' } };

interface ComparePanelProps {
  snapshots: readonly Snapshot[];
  onStarted(comparison_id: string): void;
}

export function ComparePanel({ snapshots, onStarted }: ComparePanelProps) {
  const queryClient = useQueryClient();
  const [before, setBefore] = useState<ComparedSource>();
  const [after, setAfter] = useState<ComparedSource>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const exports = useQuery(api.transfer.jobs.queryOptions({ input: {} }));
  const options = [OPEN, ...archivesOf(snapshots), ...exportsOf(exports.data?.items ?? [])];
  const start = async () => {
    if (before === undefined || after === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const { comparison_id } = await client.offline.compare({ before, after });
      await queryClient.invalidateQueries({ queryKey: api.offline.comparisons.key() });
      onStarted(comparison_id);
    } catch (error) {
      setProblem(problemOf(inWordsOfTheFile(error)).message);
    }
    setBusy(false);
  };
  return (
    <div className="space-y-3 p-3">
      <div className="grid gap-3 md:grid-cols-2">
        <Side label="Before" options={options} onChange={setBefore} />
        <Side label="After" options={options} onChange={setAfter} />
      </div>
      <div className="flex items-center gap-3">
        {problem && (
          <p role="alert" className="content-text min-w-0 flex-1 text-bad text-xs">
            {problem}
          </p>
        )}
        {!problem && (
          <p className="min-w-0 flex-1 text-faint text-xs">
            Records are the same when their ids are. What merely reading memory changes does not count.
          </p>
        )}
        <Button
          look="primary"
          busy={busy}
          disabled={before === undefined || after === undefined}
          icon={<GitCompareArrows aria-hidden="true" className="size-4" />}
          onClick={start}
        >
          Compare
        </Button>
      </div>
    </div>
  );
}

interface SideProps {
  label: string;
  options: readonly Option[];
  onChange(source: ComparedSource | undefined): void;
}

function Side({ label, options, onChange }: SideProps) {
  const id = useId();
  const [key, setKey] = useState(FILE);
  return (
    <div className="min-w-0 space-y-1.5">
      <label htmlFor={id} className="block font-medium text-muted text-xs">
        {label}
      </label>
      <select
        id={id}
        value={key}
        onChange={({ target: { value } }) => {
          setKey(value);
          onChange(options.find((option) => option.key === value)?.source);
        }}
        className="h-8 w-full min-w-0 rounded-md border border-line bg-bg px-2 text-[13px] hover:border-line-strong"
      >
        <option value={FILE}>A file …</option>
        {options.map((option) => (
          <option key={option.key} value={option.key}>
            {option.label}
          </option>
        ))}
      </select>
      {key === FILE && (
        <ArchiveFile label={`${label}: archive to compare`} onChange={(chosen) => onChange(chosen?.source)} />
      )}
    </div>
  );
}

function archivesOf(snapshots: readonly Snapshot[]): Option[] {
  return snapshots.flatMap((snapshot) => {
    if (snapshot.state !== 'succeeded' || snapshot.archive === null) return [];
    const { snapshot_id, name, taken_at } = snapshot;
    const label = `${excerpt(name, 60)}, ${dayAndClock(taken_at)}`;
    return [{ key: snapshot_id, label, source: { kind: 'snapshot' as const, snapshot_id } }];
  });
}

function exportsOf(jobs: readonly Parameters<typeof nameOf>[0][]): Option[] {
  return jobs.flatMap((job) => {
    if (job.kind !== 'export' || job.state !== 'succeeded') return [];
    const label = `Export: ${nameOf(job)}, ${dayAndClock(job.started_at)}`;
    return [{ key: job.job_id, label, source: { kind: 'export' as const, job_id: job.job_id } }];
  });
}
