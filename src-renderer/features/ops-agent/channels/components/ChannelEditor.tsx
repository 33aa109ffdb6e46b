/** A channel as a form, how it does, and a test of it. For a new one, and one that is there. */
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Send, TriangleAlert, X } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { toast } from 'sonner';
import type { OpsChannel, OpsDelivery } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { duration } from '../../../../ui/duration.ts';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { ConflictDialog } from '../../fields/ConflictDialog.tsx';
import { differences } from '../../fields/differences.ts';
import { type Faults, faultAt, faultsOf } from '../../fields/faults.ts';
import { useChannelChanges } from '../hooks/use-channel-changes.ts';
import { useChannels } from '../hooks/use-channels.ts';
import { type ChannelForm, type ChannelKind, channelForm, draftOf, newChannel } from '../model/channel-form.ts';
import { channelFacts } from '../model/channel-words.ts';
import { KINDS, stateWords } from '../model/delivery-words.ts';
import { ChannelState } from './ChannelState.tsx';
import { DeliveryBadge } from './DeliveryBadge.tsx';
import { RoutingFields, Toggle } from './RoutingFields.tsx';
import { TargetFields } from './TargetFields.tsx';

export interface ChannelEditorProps {
  /** The one to change, as it was when it was opened; without it a new one is made. */
  channel: OpsChannel | undefined;
  kind: ChannelKind;
  onClose(): void;
  onRemove(channel: OpsChannel): void;
}

export function ChannelEditor({ channel, kind, onClose, onRemove }: ChannelEditorProps) {
  const state = useChannelForm(channel, kind);
  const { form, base, change, checked, faults } = state;
  const { busy, blocked, save, test } = useChannelChanges();
  const queryClient = useQueryClient();
  const channels = useChannels();
  const [isConflict, setConflict] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [tested, setTested] = useState<OpsDelivery>();
  const isDone = useRef(false);
  const bodyRef = useRef<HTMLDivElement>(null);
  const leave = () => {
    // Closing changes the place, which would ask once more.
    isDone.current = true;
    onClose();
  };
  const guard = useLeaveGuard({
    hasChanges: () => !isDone.current && state.isDirty,
    onLeave: leave,
    member: ['channel', 'new', 'view'],
  });
  const focusFault = () =>
    setTimeout(() => bodyRef.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]')?.focus());
  const told = (error: unknown, within: string) => {
    if (state.refuse(faultsOf(error, within))) focusFault();
    setProblem(problemOf(error).message);
  };

  const saveOn = async (on: OpsChannel | undefined) => {
    setProblem(undefined);
    const draft = state.submit();
    if (draft === undefined) {
      focusFault();
      return;
    }
    try {
      const saved = await save(on, draft);
      toast.success(on === undefined ? `${visibleText(saved.name)} is a channel now.` : 'Saved.');
      leave();
    } catch (error) {
      const { code } = problemOf(error);
      setConflict(false);
      if (on !== undefined && (code === 'CONFLICT' || code === 'NOT_FOUND')) {
        await queryClient.refetchQueries({ queryKey: api.opsChannels.list.key() });
        setConflict(true);
        return;
      }
      told(error, 'draft');
    }
  };
  const onSubmit = useOneAtATime(async (_event?: FormEvent) => {
    if (blocked === undefined) await saveOn(base);
  });
  /** As it is, or as it is written. */
  const send = useOneAtATime(async () => {
    setProblem(undefined);
    setTested(undefined);
    const draft = state.isDirty || base === undefined ? state.submit() : undefined;
    if (draft === undefined && (state.isDirty || base === undefined)) {
      focusFault();
      return;
    }
    try {
      setTested(await test(base?.id ?? null, draft));
    } catch (error) {
      told(error, 'draft');
    }
  });
  const now = channels.data?.items.find(({ id }) => id === base?.id);
  const nameOf = (id: string) => channels.data?.items.find((one) => one.id === id)?.name ?? id;
  const isOvertaken = base !== undefined && channels.data !== undefined && now?.revision !== base.revision;
  const parts = { form, change, faults, channel: base };
  return (
    <Drawer
      label="Channel"
      onClose={guard.leave}
      heading={
        <>
          <Badge className="shrink-0">{KINDS[form.kind]}</Badge>
          <h3 dir="auto" className="one-line font-semibold text-[14px]">
            {base === undefined ? 'New channel' : visibleText(base.name)}
          </h3>
        </>
      }
    >
      <form
        onSubmit={onSubmit}
        onKeyDown={(event) => {
          if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void onSubmit();
          }
        }}
        noValidate
        className="flex min-h-0 flex-1 flex-col"
      >
        <div ref={bodyRef} className="relative min-h-0 flex-1 space-y-6 overflow-y-auto p-4">
          {isOvertaken && !isConflict && (
            <p className="flex items-center gap-2 rounded-md border border-warn/40 bg-warn/15 px-3 py-1.5 text-xs">
              <TriangleAlert aria-hidden="true" className="size-4 shrink-0 text-warn" />
              <span role="status" className="flex-1">
                {now === undefined ? 'This channel was removed meanwhile.' : 'Somebody changed this channel meanwhile.'}
              </span>
              <Button size="small" disabled={checked.kind === 'wrong'} onClick={() => setConflict(true)}>
                Look
              </Button>
            </p>
          )}
          {base !== undefined && (
            <section aria-label="How it does" className="rounded-md bg-raised px-3 py-2">
              <ChannelState channel={now ?? base} />
              <Link
                to="/ops-agent/channels"
                search={{ view: 'log', of: base.id }}
                className="text-accent-text text-xs underline underline-offset-2"
              >
                What was sent through it
              </Link>
            </section>
          )}
          {base?.origin === 'settings' && base.target.kind !== 'desktop' && (
            <p className="text-muted text-xs">
              This channel comes from the settings, and is switched on and off there, too.{' '}
              <Link
                to="/settings"
                search={{ section: 'alerts' }}
                className="text-accent-text underline underline-offset-2"
              >
                Alerts in the settings
              </Link>
            </p>
          )}
          <div className="space-y-4">
            <Field label="Name" error={faultAt(faults, 'name')}>
              {(props) => (
                <TextInput
                  {...props}
                  dir="auto"
                  maxLength={500}
                  placeholder="On call"
                  value={form.name}
                  onChange={({ target }) => change({ name: target.value })}
                />
              )}
            </Field>
            <Toggle
              label="Enabled"
              detail="nothing is sent through one that is off"
              isOn={form.enabled}
              onChange={(enabled) => change({ enabled })}
            />
            <TargetFields {...parts} />
          </div>
          <RoutingFields {...parts} />
          {problem !== undefined && (
            <p role="alert" tabIndex={-1} className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
              {visibleText(problem)}
            </p>
          )}
        </div>
        {tested !== undefined && <TestResult delivery={tested} onClose={() => setTested(undefined)} />}
        <footer className="flex items-center gap-2 border-line border-t px-4 py-3">
          <Button
            icon={<Send className="size-3.5" />}
            busy={busy === 'test'}
            blocked={blocked}
            onClick={() => void send()}
          >
            Send a test
          </Button>
          {base !== undefined && (
            <Button look="ghost" blocked={blocked} onClick={() => onRemove(base)}>
              {base.origin === 'custom' ? 'Delete …' : 'Reset …'}
            </Button>
          )}
          <span className="flex-1" />
          <Button onClick={guard.leave}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy === 'save'}
            disabled={base !== undefined && !state.isDirty}
            blocked={blocked}
          >
            {base === undefined ? 'Add the channel' : 'Save'}
          </Button>
        </footer>
      </form>
      {isConflict && checked.kind === 'right' && (
        <ConflictDialog
          what="channel"
          found={now && differences(channelFacts(checked.draft, nameOf), channelFacts(now, nameOf))}
          isBusy={busy === 'save'}
          onMine={() => void saveOn(now)}
          onTheirs={() => {
            setConflict(false);
            if (now === undefined) leave();
            else state.take(now);
          }}
          onClose={() => setConflict(false)}
        />
      )}
      <LeaveQuestion guard={guard}>What you wrote about this channel is not saved yet.</LeaveQuestion>
    </Drawer>
  );
}

function TestResult({ delivery, onClose }: { delivery: OpsDelivery; onClose(): void }) {
  const { state, duration_ms } = delivery;
  return (
    <section aria-label="Result of the test" className="border-line border-t bg-raised px-4 py-2.5">
      <div className="flex items-start gap-2">
        <div role="status" className="min-w-0 flex-1 space-y-1">
          <p className="flex items-center gap-2 font-medium">
            Test <DeliveryBadge state={state} />
            {duration_ms !== null && (
              <span className="font-normal text-muted text-xs tabular-nums">{duration(duration_ms)}</span>
            )}
          </p>
          <p className={`content-text text-xs ${state.state === 'sent' ? 'text-muted' : 'text-bad'}`}>
            {state.state === 'failed'
              ? visibleText(state.error)
              : state.state === 'sent'
                ? 'It was taken. Look whether it arrived.'
                : stateWords(state)}
          </p>
        </div>
        <IconButton label="Put away" icon={<X className="size-4" />} onClick={onClose} />
      </div>
    </section>
  );
}

/** What is written, and on which version of the channel. */
function useChannelForm(channel: OpsChannel | undefined, kind: ChannelKind) {
  const [base, setBase] = useState(channel);
  const [before, setBefore] = useState(() => (channel === undefined ? newChannel(kind) : channelForm(channel)));
  const [form, setForm] = useState(before);
  const [refused, setRefused] = useState<Faults>({});
  // What is there was right once: what is wrong in it now was written here.
  const [isShown, setShown] = useState(channel !== undefined);
  const checked = draftOf(form);
  return {
    base,
    form,
    isDirty: JSON.stringify(form) !== JSON.stringify(before),
    checked,
    faults: { ...(isShown && checked.kind === 'wrong' ? checked.faults : {}), ...refused },
    change: (patch: Partial<ChannelForm>) => {
      setForm((now) => ({ ...now, ...patch }));
      setRefused({});
    },
    /** Shows what is wrong. @returns what it means when it is right */
    submit: () => {
      setShown(true);
      return checked.kind === 'right' ? checked.draft : undefined;
    },
    /** @returns whether there is something to be shown */
    refuse: (found: Faults) => {
      setRefused(found);
      return Object.keys(found).length > 0;
    },
    take: (theirs: OpsChannel) => {
      const next = channelForm(theirs);
      setBase(theirs);
      setBefore(next);
      setForm(next);
      setRefused({});
    },
  };
}
