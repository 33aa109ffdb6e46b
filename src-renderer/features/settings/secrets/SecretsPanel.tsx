/** How secrets are protected, and a new master key for them. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { SecretsStatus } from '../../../../src-contract/index.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { cx } from '../../../ui/classes.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { PROTECTION_WORDS, placeWords, UNREADABLE_HELP } from './secrets-words.ts';

export function SecretsPanel() {
  const { data, error, refetch } = useQuery(api.secrets.status.queryOptions());
  const { isRotating, rotate } = useRotation();
  const [isAsking, setAsking] = useState(false);
  const readOnly = useReadOnly();
  return (
    <Card
      aria-label="Secrets"
      aria-busy={isRotating}
      title="Secrets"
      actions={
        data && (
          <Button
            size="small"
            icon={<KeyRound aria-hidden="true" className="size-3.5" />}
            busy={isRotating}
            disabled={data.rotate_refused !== null}
            blocked={readOnly}
            onClick={() => setAsking(true)}
          >
            {isRotating ? 'Encrypting again …' : 'New master key'}
          </Button>
        )
      }
    >
      {data === undefined && error === null && <SkeletonRows rows={3} />}
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && <Status status={data} />}
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Make a new master key?"
        action="Make a new key"
        onConfirm={() => {
          setAsking(false);
          void rotate();
        }}
      >
        <p>
          Every secret is encrypted again with it; they stay readable throughout, and what is interrupted goes on at the
          next start. Copies of secret.key that you keep elsewhere read nothing new from then on: make a new copy.
        </p>
      </Confirm>
    </Card>
  );
}

function useRotation() {
  const queryClient = useQueryClient();
  const [isRotating, setRotating] = useState(false);
  const rotate = async (): Promise<void> => {
    setRotating(true);
    try {
      const status = await client.secrets.rotate({});
      queryClient.setQueryData(api.secrets.status.queryKey(), status);
      const isWhole = status.kept.every(({ problem }) => problem === null);
      if (isWhole) toast.success('Every secret is encrypted with the new key.');
      else toast.warning('The new key is used from now on; what could not be reached is encrypted with it later.');
    } catch (problem) {
      toast.error(problemOf(problem).message);
    } finally {
      setRotating(false);
    }
  };
  return { isRotating, rotate };
}

function Status({ status }: { status: SecretsStatus }) {
  const { protection, detail, problem, key_made_at, older_keys, rotate_refused, kept } = status;
  const { title, tone } = PROTECTION_WORDS[protection];
  const isWeak = problem !== null || protection === 'basic';
  const hasUnreadable = kept.some(({ unreadable }) => unreadable > 0);
  return (
    <div className="space-y-2 px-3 py-2.5">
      <div
        className={cx(
          'space-y-1 [overflow-wrap:anywhere]',
          isWeak && 'rounded-md border border-warn/40 bg-warn/15 px-3 py-2',
        )}
      >
        <p className="flex flex-wrap items-center gap-2">
          <Badge tone={problem === null ? tone : 'bad'} className="max-w-full">
            {problem === null ? title : 'The key cannot be used'}
          </Badge>
          {key_made_at !== null && (
            <span className="text-muted text-xs">
              Key made <Ago time={key_made_at} />
            </span>
          )}
        </p>
        <p className={cx('content-text max-w-prose', !isWeak && 'text-muted')}>{detail}</p>
      </div>
      {older_keys > 0 && (
        <p className="text-muted text-xs">
          {older_keys === 1 ? 'The key before it is' : `${older_keys} keys before it are`} kept until nothing is
          encrypted with {older_keys === 1 ? 'it' : 'them'} any more.
        </p>
      )}
      {kept.length > 0 && (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {kept.map((place) => (
            <Place key={place.where} place={place} />
          ))}
        </dl>
      )}
      {hasUnreadable && <p className="content-text max-w-prose text-warn">{UNREADABLE_HELP}</p>}
      {rotate_refused !== null && problem === null && (
        <p className="content-text max-w-prose text-muted text-xs">{rotate_refused}</p>
      )}
    </div>
  );
}

function Place({ place }: { place: SecretsStatus['kept'][number] }) {
  const isBad = place.problem !== null || place.unreadable > 0;
  return (
    <>
      <dt className="text-muted">{place.where}</dt>
      <dd className={cx('content-text', isBad && 'text-warn')}>{placeWords(place)}</dd>
    </>
  );
}
