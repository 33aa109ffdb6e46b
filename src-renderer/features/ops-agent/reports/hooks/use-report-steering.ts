/** Does things with reports: with a word about what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { saveText } from '../../../../ui/save-text.ts';
import { useBlocked } from '../../views/use-blocked.ts';
import { printDocument } from '../print-document.ts';

type Deed = 'make' | 'save' | 'print' | 'send' | 'remove';

export interface ReportSteering {
  busy: Deed | undefined;
  /** Why nothing can be made, sent or removed now. */
  blocked: string | undefined;
  /** @returns the id of the new report; undefined when it could not be made */
  make(): Promise<string | undefined>;
  save(report: string, format: 'html' | 'markdown'): void;
  print(report: string): void;
  /** @returns whether it was handed over */
  send(report: string, channel: string | undefined): Promise<boolean>;
  /** @returns whether it is gone */
  remove(report: string): Promise<boolean>;
}

const NOT_DONE: Readonly<Record<Deed, string>> = {
  make: 'The report could not be made',
  save: 'The report could not be saved',
  print: 'The report could not be printed',
  send: 'The report could not be sent',
  remove: 'The report could not be removed',
};

export function useReportSteering(): ReportSteering {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState<Deed>();
  const blocked = useBlocked();
  const attempt = async <T>(deed: Deed, work: () => Promise<T>): Promise<T | undefined> => {
    if (busy !== undefined) return undefined;
    setBusy(deed);
    try {
      return await work();
    } catch (error) {
      toast.error(`${NOT_DONE[deed]}: ${problemOf(error).message}`);
      return undefined;
    } finally {
      setBusy(undefined);
    }
  };
  const readAgain = () => queryClient.invalidateQueries({ queryKey: api.opsReports.list.key() });
  return {
    busy,
    blocked,
    make: () =>
      attempt('make', async () => {
        const report = await client.opsReports.create();
        queryClient.setQueryData(api.opsReports.get.queryKey({ input: { report: report.id } }), report);
        await readAgain();
        toast.success('The report of the last 24 hours is made.');
        return report.id;
      }),
    save: (report, format) =>
      void attempt('save', async () => {
        const { file_name, media_type, text } = await client.opsReports.document({ report, format });
        saveText(file_name, text, media_type);
      }),
    print: (report) =>
      void attempt('print', async () => {
        const { text } = await client.opsReports.document({ report, format: 'html' });
        await printDocument(text);
      }),
    send: async (report, channel) => {
      const sent = await attempt('send', () =>
        client.opsReports.send({ report, ...(channel === undefined ? {} : { channel }) }),
      );
      if (sent === undefined) return false;
      void readAgain();
      void queryClient.invalidateQueries({ queryKey: api.opsReports.get.key({ input: { report } }) });
      const names = sent.sent_to.map(visibleText).join(', ');
      if (names === '') toast.info('No channel takes reports: it was sent to nobody.');
      else toast.success(`The report is on its way: ${names}.`);
      return true;
    },
    remove: async (report) => {
      const answer = await attempt('remove', () => client.opsReports.remove({ report }));
      if (answer === undefined) return false;
      await readAgain();
      toast.success(answer.removed ? 'The report is removed.' : 'The report was gone already.');
      return true;
    },
  };
}
