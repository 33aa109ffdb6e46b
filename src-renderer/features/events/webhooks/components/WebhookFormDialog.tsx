import { zodResolver } from '@hookform/resolvers/zod';
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { toast } from 'sonner';
import type { Webhook, WebhookWithSecret } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useReadOnly } from '../../../../app/read-only.ts';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, Switch, TextInput } from '../../../../ui/fields.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { changeOf, creationOf, formOf, type WebhookForm, webhookForm } from '../webhook-form.ts';
import { isAboutAddress } from '../webhook-health.ts';
import { AddressNote } from './AddressNote.tsx';
import { TypesField } from './TypesField.tsx';

export interface WebhookFormDialogProps {
  /** The one to change; without it a new one is made. */
  webhook?: Webhook | undefined;
  onClose(): void;
  onCreated?(webhook: WebhookWithSecret): void;
}

export function WebhookFormDialog({ webhook, onClose, onCreated }: WebhookFormDialogProps) {
  const queryClient = useQueryClient();
  const { register, control, handleSubmit, formState, setError, watch, clearErrors } = useForm<WebhookForm>({
    resolver: zodResolver(webhookForm),
    defaultValues: formOf(webhook),
  });
  const { errors, isDirty, isSubmitting } = formState;
  const isSaved = useRef(false);
  const readOnly = useReadOnly();
  const guard = useLeaveGuard({
    hasChanges: () => isDirty && !isSaved.current,
    onLeave: onClose,
    member: 'webhook',
  });
  const save = useOneAtATime(
    handleSubmit(async (values) => {
      if (isSaved.current || readOnly !== undefined) return;
      try {
        if (webhook === undefined) {
          const created = await client.webhooks.create(creationOf(values));
          isSaved.current = true;
          onCreated?.(created);
        } else {
          await client.webhooks.update(changeOf(webhook, values));
          isSaved.current = true;
          toast.success('Saved.');
        }
        onClose();
        await queryClient.invalidateQueries({ queryKey: api.webhooks.key() });
      } catch (error) {
        const { message } = problemOf(error);
        // What the engine says of one field stands at that field.
        if (message.startsWith('url: '))
          setError('url', { message: `The URL ${message.slice('url: '.length)}` }, { shouldFocus: true });
        else setError('root', { message });
      }
    }),
  );
  return (
    <>
      <Dialog
        open
        onOpenChange={(open) => !open && !isSubmitting && guard.leave()}
        title={webhook === undefined ? 'New webhook' : 'Edit webhook'}
        description="Events are sent to a URL of yours as they happen, signed, and again until they are taken."
        width="max-w-2xl"
        footer={
          <>
            <Button disabled={isSubmitting} onClick={guard.leave}>
              Cancel
            </Button>
            <Button
              look="primary"
              busy={isSubmitting}
              disabled={webhook !== undefined && !isDirty}
              blocked={readOnly}
              onClick={() => void save()}
            >
              {webhook === undefined ? 'Create' : 'Save'}
            </Button>
          </>
        }
      >
        <form onSubmit={save} noValidate className="space-y-4">
          <Field label="Name" error={errors.name?.message}>
            {(props) => (
              <TextInput {...props} {...register('name')} dir="auto" autoFocus maxLength={500} placeholder="Billing" />
            )}
          </Field>
          <div className="space-y-1.5">
            <Field
              label="URL"
              error={errors.url?.message}
              help="http or https. It is given each event as JSON in a POST."
            >
              {(props) => (
                <TextInput
                  {...props}
                  {...register('url', { onChange: () => clearErrors('url') })}
                  type="url"
                  dir="ltr"
                  maxLength={2000}
                  placeholder="https://example.org/archon"
                />
              )}
            </Field>
            <AddressNote isRefused={isAboutAddress(errors.url?.message ?? '')} />
          </div>
          <div className="space-y-1.5">
            <p className="font-medium text-muted text-xs">Events</p>
            <Controller
              control={control}
              name="which"
              render={({ field }) => (
                <Segmented<WebhookForm['which']>
                  label="Events"
                  value={field.value}
                  onChange={field.onChange}
                  options={[
                    { value: 'all', label: 'All types' },
                    { value: 'some', label: 'Only some types' },
                  ]}
                />
              )}
            />
            {watch('which') === 'all' && (
              <p className="text-faint text-xs">
                All but news of dead letters (<span className="font-mono">event.delivery.…</span>): only who names those
                types gets them.
              </p>
            )}
            {watch('which') === 'some' && (
              <Controller
                control={control}
                name="types"
                render={({ field }) => <TypesField value={field.value} onChange={field.onChange} />}
              />
            )}
            {errors.types && (
              <p role="alert" className="text-bad text-xs">
                {errors.types.message}
              </p>
            )}
          </div>
          <Field
            label="Only of this user"
            error={errors.user_id?.message}
            help="Leave it empty for everybody. Events of no user or of several are left out when there is one."
          >
            {(props) => (
              <TextInput {...props} {...register('user_id')} dir="auto" maxLength={200} placeholder="everybody" />
            )}
          </Field>
          <Controller
            control={control}
            name="enabled"
            render={({ field }) => (
              <div className="flex items-center gap-3">
                <Switch label="Enabled" labelledBy="webhook-enabled" checked={field.value} onChange={field.onChange} />
                <span id="webhook-enabled">
                  Enabled <span className="text-muted">· what happens while it is off is not sent later</span>
                </span>
              </div>
            )}
          />
          {errors.root && (
            <p role="alert" className="content-text rounded-md bg-bad-soft px-3 py-2 text-bad">
              {errors.root.message}
            </p>
          )}
          {/* Enter in a field saves: a form without a button of its own would not. */}
          <button type="submit" hidden>
            Save
          </button>
        </form>
      </Dialog>
      <LeaveQuestion guard={guard}>What you wrote about this webhook is not saved yet.</LeaveQuestion>
    </>
  );
}
