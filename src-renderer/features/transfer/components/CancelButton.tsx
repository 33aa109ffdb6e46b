import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { TransferJob } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';

export function CancelButton({ job, size }: { job: TransferJob; size?: 'small' }) {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    try {
      await client.transfer.cancel({ job_id: job.job_id });
      await queryClient.invalidateQueries({ queryKey: api.transfer.key() });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <Button busy={busy} onClick={cancel} {...(size ? { size } : {})}>
      Cancel the {job.kind}
    </Button>
  );
}
