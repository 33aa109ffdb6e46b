import type { ReactNode } from 'react';
import { toast } from 'sonner';
import { errorDetails, problemOf } from '../rpc/errors.ts';
import { copyText } from '../ui/CopyButton.tsx';
import { ErrorBoundary } from '../ui/ErrorBoundary.tsx';

export interface GuardedProps {
  /** What stands over the app, such as "The command palette". */
  name: string;
  isOpen: boolean;
  /** Called when it failed: it cannot be closed by hand any more. */
  onClose(): void;
  children: ReactNode;
}

/** Something that opens over the app. When it fails it closes with a word, and the app under it goes on. */
export function Guarded({ name, isOpen, onClose, children }: GuardedProps) {
  const onError = (error: unknown) => {
    toast.error(`${name} could not be shown: ${problemOf(error).message}`, {
      // Long enough to copy what support needs.
      duration: 20_000,
      action: { label: 'Copy details', onClick: () => void copyText(errorDetails(error)) },
    });
    onClose();
  };
  return (
    <ErrorBoundary resetKey={isOpen} onError={onError}>
      {children}
    </ErrorBoundary>
  );
}
