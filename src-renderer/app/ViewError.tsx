import { Link } from '@tanstack/react-router';
import { Bug, MapPinOff } from 'lucide-react';
import { errorDetails } from '../rpc/errors.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { EmptyState } from '../ui/states.tsx';
import { queryClient } from './query-client.ts';

/** A view that failed, alone: the rest of the app goes on. */
export function ViewError({ error, reset }: { error: unknown; reset(): void }) {
  const again = () => {
    // It may have failed over what was read: that is read anew.
    void queryClient.resetQueries();
    reset();
  };
  return (
    <div role="alert" className="h-full">
      <EmptyState
        className="h-full"
        icon={<Bug />}
        title="This view stopped working"
        actions={
          <>
            <Button look="primary" onClick={again}>
              Show it again
            </Button>
            <CopyButton text={() => errorDetails(error)} label="Copy details" />
          </>
        }
      >
        <p className="content-text">{error instanceof Error ? error.message : String(error)}</p>
        <p>Nothing was lost. If it happens again, please report it with the details.</p>
      </EmptyState>
    </div>
  );
}

export function NotFoundView() {
  return (
    <EmptyState className="h-full" icon={<MapPinOff />} title="There is no such page">
      <Link to="/memory" className="text-accent-text underline">
        Go to memory
      </Link>
    </EmptyState>
  );
}
