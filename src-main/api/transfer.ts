import { openAsBlob } from 'node:fs';
import { ArchonError } from '../errors.ts';
import { type ApiContext, os } from './base.ts';
import { refuseWhenReadOnly } from './refuse-by-profile.ts';

export const transferRouter = os.transfer.router({
  beginUpload: os.transfer.beginUpload.handler(({ input, context }) =>
    context.services.transfer.beginUpload(context.scope, input),
  ),
  sendChunk: os.transfer.sendChunk.handler(async ({ input, context }) => {
    const bytes = new Uint8Array(await input.chunk.arrayBuffer());
    return await context.services.transfer.receiveChunk(context.scope, input.upload_id, input.offset, bytes);
  }),
  preview: os.transfer.preview.handler(({ input, context }) => {
    refuseForeignFile(input.source, context);
    return context.services.transfer.preview(context.scope, input);
  }),
  import: os.transfer.import.handler(({ input, context }) => {
    refuseForeignFile(input.source, context);
    return context.services.transfer.startImport(context.scope, input);
  }),
  export: os.transfer.export.handler(({ input, context }) =>
    context.services.transfer.startExport(context.scope, input),
  ),
  download: os.transfer.download.handler(async ({ input, context }) => {
    const { path, name } = await context.services.transfer.exportFile(context.scope, input.job_id);
    // The blob stands for the file; its bytes are read as they are sent.
    return new File([await openAsBlob(path, { type: 'application/gzip' })], name, { type: 'application/gzip' });
  }),
  jobs: os.transfer.jobs.handler(({ context }) => ({ items: context.services.transfer.list(context.scope) })),
  job: os.transfer.job.handler(({ input, context }) => context.services.transfer.get(context.scope, input.job_id)),
  cancel: os.transfer.cancel.handler(({ input, context }) =>
    context.services.transfer.cancel(context.scope, input.job_id),
  ),
  pause: os.transfer.pause.handler(({ input, context }) =>
    context.services.transfer.pause(context.scope, input.job_id),
  ),
  // Open to all who may import: it reads no other file than the one that was named by somebody who may.
  resume: os.transfer.resume.handler(({ input, context }) => {
    const { transfer } = context.services;
    if (transfer.get(context.scope, input.job_id).kind === 'import') refuseWhenReadOnly(context);
    return transfer.resume(context.scope, input.job_id);
  }),
  forget: os.transfer.forget.handler(({ input, context }) =>
    context.services.transfer.forget(context.scope, input.job_id),
  ),
});

export function refuseForeignFile(source: { kind: string }, context: ApiContext): void {
  if (source.kind === 'file' && !context.local) {
    throw new ArchonError('FORBIDDEN', 'Only the desktop app and the command line may name a file: send an upload.');
  }
}
