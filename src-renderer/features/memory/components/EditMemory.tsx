import { zodResolver } from '@hookform/resolvers/zod';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { toast } from 'sonner';
import { z } from 'zod';
import { LONGTERM_TYPES, WORKING_TYPES } from '../../../../src-contract/entities.ts';
import { LeaveQuestion } from '../../../app/LeaveQuestion.tsx';
import { useReadOnly } from '../../../app/read-only.ts';
import { useLeaveGuard } from '../../../app/use-leave-guard.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { tellIfQueued } from '../../../rpc/queued.ts';
import { Button } from '../../../ui/Button.tsx';
import { Field, Slider, Switch, TextArea } from '../../../ui/fields.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { TagsInput } from '../../../ui/TagsInput.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { layerKey } from '../memory-list-query.ts';
import { RequestKey } from '../request-key.ts';
import { MAX_TAG_LENGTH, parseTags } from '../tags.ts';
import type { MemoryHistory } from './MemoryDrawer.tsx';

type Memory = MemoryHistory['memory'];

const form = z.object({
  text: z.string().refine((text) => text.trim() !== '', 'A memory needs a text.'),
  tags: z
    .array(z.string())
    .refine(
      (tags) => tags.every((tag) => tag.length <= MAX_TAG_LENGTH),
      `A tag has at most ${MAX_TAG_LENGTH} characters.`,
    ),
  memory_type: z.string(),
  score: z.number().min(0).max(1),
  pinned: z.boolean(),
});
type Form = z.infer<typeof form>;

/** Changes a memory. A working memory keeps what was as a revision; a long-term memory is superseded. */
export function EditMemory({ memory, onDone }: { memory: Memory; onDone(): void }) {
  const queryClient = useQueryClient();
  const { set } = useMemorySearch();
  // The connection may have become one for reading since it was opened; what was written stays.
  const readOnly = useReadOnly();
  const isLongTerm = memory.layer === 'longterm';
  const { register, control, handleSubmit, formState } = useForm<Form>({
    resolver: zodResolver(form),
    defaultValues: {
      text: memory.content.text,
      tags: memory.tags,
      memory_type: memory.memory_type,
      score: isLongTerm ? memory.importance_score : memory.relevance_score,
      pinned: isLongTerm && memory.pinned,
    },
  });
  const { errors, dirtyFields, isDirty, isSubmitting } = formState;
  // Read when it is saved: the key that saves may just have made a tag of what was typed.
  const dirty = useRef({ dirtyFields, isDirty });
  dirty.current = { dirtyFields, isDirty };
  const [key] = useState(() => new RequestKey());
  const isSaved = useRef(false);
  const guard = useLeaveGuard({ hasChanges: () => isDirty && !isSaved.current, onLeave: onDone, member: 'memory' });
  const save = handleSubmit(async (values) => {
    if (!dirty.current.isDirty || isSubmitting || isSaved.current || readOnly !== undefined) return;
    try {
      const saved = await saveMemory(memory, values, dirty.current.dirtyFields, key);
      isSaved.current = true;
      await queryClient.invalidateQueries({ queryKey: layerKey(memory.layer), refetchType: 'none' });
      if (tellIfQueued(saved)) return onDone();
      toast.success(saved.id === memory.id ? 'Saved.' : 'Saved. What it said before stays in its history.');
      onDone();
      if (saved.id !== memory.id) set({ memory: saved.id }, { replace: true });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
  });
  const scoreName = isLongTerm ? 'Importance' : 'Relevance';
  return (
    <>
      <form
        onSubmit={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save(event);
          if (event.key === 'Escape' && !event.defaultPrevented) {
            event.preventDefault();
            event.stopPropagation();
            guard.leave();
          }
        }}
        className="flex min-h-0 flex-1 flex-col"
      >
        <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
          <Field
            label="Text"
            error={errors.text?.message}
            help={
              isLongTerm
                ? 'A new memory takes the place of this one; the old stays readable in its time.'
                : 'The text before is kept as a revision.'
            }
          >
            {(props) => <TextArea {...props} {...register('text')} dir="auto" rows={10} autoFocus spellCheck />}
          </Field>
          <Controller
            control={control}
            name="tags"
            render={({ field }) => (
              <Field
                label="Tags"
                error={errors.tags?.message}
                help="Enter adds one, or several with commas between them."
              >
                {(props) => (
                  <TagsInput
                    {...props}
                    value={field.value}
                    onChange={field.onChange}
                    parse={parseTags}
                    placeholder="Add"
                  />
                )}
              </Field>
            )}
          />
          <Controller
            control={control}
            name="memory_type"
            render={({ field }) => (
              <div className="space-y-1">
                <p className="font-medium text-muted text-xs">Type</p>
                <Segmented
                  label="Type"
                  value={field.value}
                  onChange={field.onChange}
                  options={(isLongTerm ? LONGTERM_TYPES : WORKING_TYPES).map((value) => ({ value, label: value }))}
                />
              </div>
            )}
          />
          <Controller
            control={control}
            name="score"
            render={({ field }) => (
              <div className="space-y-1">
                <p className="font-medium text-muted text-xs">
                  {scoreName} {field.value.toFixed(2)}
                </p>
                <Slider label={scoreName} value={field.value} min={0} max={1} step={0.05} onChange={field.onChange} />
              </div>
            )}
          />
          {isLongTerm && (
            <Controller
              control={control}
              name="pinned"
              render={({ field }) => (
                <div className="flex items-center gap-3">
                  <Switch label="Pinned" labelledBy="edit-pinned" checked={field.value} onChange={field.onChange} />
                  <span id="edit-pinned">Pinned: always considered for contexts</span>
                </div>
              )}
            />
          )}
        </div>
        <footer className="flex items-center justify-end gap-2 border-line border-t px-4 py-3">
          <Button onClick={guard.leave}>Cancel</Button>
          <Button type="submit" look="primary" busy={isSubmitting} disabled={!isDirty} blocked={readOnly}>
            Save
          </Button>
        </footer>
      </form>
      <LeaveQuestion guard={guard}>What you changed in this memory is not saved yet.</LeaveQuestion>
    </>
  );
}

/** A changed text supersedes a long-term memory; everything else is changed in place. */
async function saveMemory(
  memory: Memory,
  values: Form,
  dirty: Partial<Record<keyof Form, unknown>>,
  key: RequestKey,
): Promise<{ id: string }> {
  const shared = {
    id: memory.id,
    ...(dirty.tags ? { tags: values.tags } : {}),
  };
  const content = { ...memory.content, text: values.text };
  if (memory.layer === 'working') {
    const change = {
      ...shared,
      ...(dirty.text ? { content } : {}),
      ...(dirty.memory_type ? { memory_type: values.memory_type as typeof memory.memory_type } : {}),
      ...(dirty.score ? { relevance_score: values.score } : {}),
    };
    return await client.working.update({ ...change, idempotency_key: key.of(change) });
  }
  const change = {
    ...shared,
    ...(dirty.memory_type ? { memory_type: values.memory_type as typeof memory.memory_type } : {}),
    ...(dirty.score ? { importance_score: values.score } : {}),
    ...(dirty.pinned ? { pinned: values.pinned } : {}),
  };
  if (!dirty.text) return await client.longterm.update({ ...change, idempotency_key: key.of(change) });
  const successor = { ...change, content };
  return await client.longterm.supersede({ ...successor, idempotency_key: key.of(successor) });
}
