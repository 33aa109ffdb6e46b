/** Changes the payload of a dead letter, shows what that changes, and sends it. The event in the log stays as it is. */
import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useRef, useState } from 'react';
import { useForm } from 'react-hook-form';
import { toast } from 'sonner';
import type { DeadLetter, JsonObject } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field, TextArea } from '../../../../ui/fields.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { useLetterActions } from '../hooks/use-letter-actions.ts';
import { jsonFault } from '../json-fault.ts';
import { lifeInWords } from '../letter-words.ts';
import { payloadDiff, prettyJson } from '../payload-diff.ts';
import { payloadForm, payloadOf } from '../payload-form.ts';
import { PayloadChanges } from './PayloadChanges.tsx';

export function EditReplay({ letter, onDone }: { letter: DeadLetter; onDone(isSent: boolean): void }) {
  // As they were when the editor was opened: what becomes of the letter meanwhile changes nothing under the person.
  const [{ original, sent }] = useState(() => {
    const payload = letter.event.payload as JsonObject;
    return { original: payload, sent: letter.edited_payload ?? payload };
  });
  const { replay, isBusy, blocked } = useLetterActions();
  const [isReviewing, setReviewing] = useState(false);
  const form = useForm({
    resolver: zodResolver(payloadForm),
    mode: 'onChange',
    defaultValues: { text: prettyJson(sent) },
  });
  const { register, handleSubmit, formState, setError, setValue, getValues } = form;
  const { errors, isDirty } = formState;
  const isSent = useRef(false);
  const guard = useLeaveGuard({
    hasChanges: () => form.formState.isDirty && !isSent.current,
    onLeave: () => onDone(false),
    member: 'letter',
  });
  const areaRef = useRef<HTMLTextAreaElement>(null);
  const sendRef = useRef<HTMLButtonElement>(null);
  useEffect(() => (isReviewing ? sendRef : areaRef).current?.focus({ preventScroll: true }), [isReviewing]);
  const review = handleSubmit(() => setReviewing(true));
  const send = useOneAtATime(
    handleSubmit(async ({ text }) => {
      if (isSent.current || blocked !== undefined) return;
      const payload = payloadOf(text);
      // Against what a replay sends by itself now: somebody else may have edited it meanwhile.
      const isAsBefore = payloadDiff(letter.edited_payload ?? original, payload).length === 0;
      // Even should somebody leave while it is on its way.
      isSent.current = true;
      try {
        await replay(letter, isAsBefore ? undefined : payload);
        toast.success(isAsBefore ? 'On its way once more, as it was.' : 'On its way once more, with your changes.');
        onDone(true);
      } catch (error) {
        isSent.current = false;
        setError('root', { message: problemOf(error).message });
      }
    }),
  );
  const { ref, ...text } = register('text');
  const isDead = letter.life.state === 'dead';
  return (
    <>
      <form
        onSubmit={isReviewing ? send : review}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void (isReviewing ? send : review)(event);
          if (event.key === 'Escape' && !event.defaultPrevented) {
            event.preventDefault();
            event.stopPropagation();
            if (isReviewing) setReviewing(false);
            else guard.leave();
          }
        }}
        className="flex min-h-0 flex-1 flex-col"
      >
        <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
          {!isDead && !isBusy && (
            <p role="alert" className="rounded-md bg-warn/15 px-3 py-2 text-warn">
              {visibleText(lifeInWords(letter))} It can be replayed only while it is dead; what you wrote stays here.
            </p>
          )}
          {isReviewing ? (
            <section className="flex min-h-0 flex-col gap-2">
              <h3 className="font-semibold">What is changed</h3>
              <p className="text-muted">
                Against the payload of the event in the log, which stays as it is. This is sent to the subscriber once.
              </p>
              <PayloadChanges before={original} after={payloadOf(getValues('text'))} />
            </section>
          ) : (
            <Field
              label="Payload"
              error={errors.text?.message}
              help="A JSON object. Before it is sent you see what you changed."
            >
              {(props) => (
                <TextArea
                  {...props}
                  {...text}
                  ref={(area) => {
                    ref(area);
                    areaRef.current = area;
                  }}
                  dir="ltr"
                  spellCheck={false}
                  rows={18}
                  className="font-mono text-xs"
                />
              )}
            </Field>
          )}
          {!isReviewing && (
            <div className="flex items-center gap-2">
              <FaultButton isShown={errors.text !== undefined} area={areaRef.current} />
              <span className="flex-1" />
              <Button
                size="small"
                look="ghost"
                onClick={() => setValue('text', prettyJson(original), { shouldDirty: true, shouldValidate: true })}
              >
                Reset to the event
              </Button>
            </div>
          )}
          {errors.root && (
            <p role="alert" className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
              {errors.root.message}
            </p>
          )}
        </div>
        <footer className="flex items-center justify-end gap-2 border-line border-t px-4 py-3">
          {isReviewing ? (
            <>
              <Button disabled={isBusy} onClick={() => setReviewing(false)}>
                Back to the editor
              </Button>
              <Button
                ref={sendRef}
                type="submit"
                look="primary"
                busy={isBusy}
                disabled={!isDead && !isBusy}
                blocked={blocked}
              >
                Replay with this payload
              </Button>
            </>
          ) : (
            <>
              <Button onClick={guard.leave}>Cancel</Button>
              <Button type="submit" look="primary" disabled={!isDirty || errors.text !== undefined}>
                Review changes
              </Button>
            </>
          )}
        </footer>
      </form>
      <LeaveQuestion guard={guard} title="Leave without sending?">
        What you changed in this payload was not sent and is not kept.
      </LeaveQuestion>
    </>
  );
}

/** Puts the cursor where the text is no JSON. */
function FaultButton({ isShown, area }: { isShown: boolean; area: HTMLTextAreaElement | null }) {
  if (!isShown || area === null) return null;
  const go = () => {
    const fault = jsonFault(area.value);
    area.focus();
    if (fault !== undefined) area.setSelectionRange(fault.offset, Math.min(area.value.length, fault.offset + 1));
  };
  return (
    <Button size="small" onClick={go}>
      Go to the fault
    </Button>
  );
}
