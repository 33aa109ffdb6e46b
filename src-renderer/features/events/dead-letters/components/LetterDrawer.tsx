/** Everything about one dead letter, and what can be done with it. */
import { Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { toast } from 'sonner';
import type { DeadLetter } from '../../../../../src-contract/index.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Tabs } from '../../../../ui/Tabs.tsx';
import { useLetter } from '../hooks/use-letter.ts';
import { useLetterActions } from '../hooks/use-letter-actions.ts';
import { STATE_TONES } from '../letter-words.ts';
import { DiscardDialog } from './DiscardDialog.tsx';
import { EditReplay } from './EditReplay.tsx';
import { LetterAttempts } from './LetterAttempts.tsx';
import { LetterContent } from './LetterContent.tsx';
import { LetterReplays } from './LetterReplays.tsx';

export interface LetterDrawerProps {
  letter_id: string;
  nameOf(subscriber: string): string;
  onClose(): void;
}

export function LetterDrawer({ letter_id, nameOf, onClose }: LetterDrawerProps) {
  const query = useLetter(letter_id);
  const { data: letter } = query;
  const isGone = query.isError && problemOf(query.error).code === 'NOT_FOUND';
  return (
    <Drawer
      label="Dead letter"
      onClose={onClose}
      heading={
        letter && (
          <>
            <Badge tone={STATE_TONES[letter.life.state]} className="shrink-0">
              {letter.life.state}
            </Badge>
            {letter.edited && <Badge tone="accent">edited</Badge>}
            <h2 className="one-line font-mono text-xs" title={letter.event_type}>
              {visibleText(letter.event_type)}
            </h2>
          </>
        )
      }
    >
      {letter && !isGone ? (
        <>
          {query.isError && (
            <div className="px-4 pt-3">
              <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
            </div>
          )}
          <Details letter={letter} nameOf={nameOf} />
        </>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </Drawer>
  );
}

type DetailTab = 'letter' | 'attempts' | 'replays';

function Details({ letter, nameOf }: { letter: DeadLetter; nameOf(subscriber: string): string }) {
  const [tab, setTab] = useState<DetailTab>('letter');
  const [isEditing, setEditing] = useState(false);
  const editRef = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !isEditing) editRef.current?.focus({ preventScroll: true });
    wasEditing.current = isEditing;
  }, [isEditing]);
  if (isEditing) {
    const onDone = (isSent: boolean) => {
      // What comes of it stands there.
      if (isSent) setTab('replays');
      setEditing(false);
    };
    return <EditReplay letter={letter} onDone={onDone} />;
  }
  return (
    <>
      <Actions letter={letter} editRef={editRef} onEdit={() => setEditing(true)} />
      <Tabs<DetailTab>
        label="Parts of the dead letter"
        className="flex-1"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'letter', label: 'Letter' },
          { value: 'attempts', label: 'Attempts', count: letter.attempt_count },
          { value: 'replays', label: 'Replays', count: letter.replays.length },
        ]}
      >
        <div className="min-h-0 flex-1 overflow-y-auto p-4">
          {tab === 'letter' && <LetterContent letter={letter} nameOf={nameOf} />}
          {tab === 'attempts' && <LetterAttempts letter={letter} />}
          {tab === 'replays' && <LetterReplays letter={letter} />}
        </div>
      </Tabs>
    </>
  );
}

interface ActionsProps {
  letter: DeadLetter;
  editRef: React.RefObject<HTMLButtonElement | null>;
  onEdit(): void;
}

function Actions({ letter, editRef, onEdit }: ActionsProps) {
  const { replay, isBusy, blocked } = useLetterActions();
  const [isDiscarding, setDiscarding] = useState(false);
  const isDead = letter.life.state === 'dead';
  const send = async () => {
    try {
      await replay(letter);
      toast.success('On its way to its subscriber once more.');
    } catch (error) {
      toast.error(problemOf(error).message);
    }
  };
  return (
    <div className="flex items-center gap-2 border-line border-b px-4 py-2">
      <Button
        size="small"
        look="primary"
        busy={isBusy || letter.life.state === 'replaying'}
        disabled={!isDead}
        blocked={isDead ? blocked : undefined}
        icon={<RotateCcw className="size-3.5" />}
        onClick={send}
      >
        {letter.life.state === 'replaying' ? 'Replaying' : 'Replay'}
      </Button>
      <Button
        ref={editRef}
        size="small"
        disabled={!isDead || isBusy}
        blocked={isDead ? blocked : undefined}
        icon={<Pencil className="size-3.5" />}
        onClick={onEdit}
      >
        Edit and replay
      </Button>
      <span className="flex-1" />
      <Button
        size="small"
        className="text-bad"
        disabled={!isDead || isBusy}
        blocked={isDead ? blocked : undefined}
        icon={<Trash2 className="size-3.5" />}
        onClick={() => setDiscarding(true)}
      >
        Discard
      </Button>
      {isDiscarding && <DiscardDialog select={{ by: 'ids', ids: [letter.id] }} onClose={() => setDiscarding(false)} />}
    </div>
  );
}
