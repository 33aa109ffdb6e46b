import { lazy, Suspense } from 'react';
import { Guarded } from '../Guarded.tsx';
import { useSwitch } from './switch-store.ts';

const SwitchDialog = lazy(async () => ({
  default: (await import('../../features/settings/connections/switch/SwitchDialog.tsx')).SwitchDialog,
}));

/** The window that opens another profile, from wherever it was asked for. */
export function SwitchProfile() {
  const { wanted, end } = useSwitch();
  return (
    <Guarded name="The window that opens a connection" isOpen={wanted !== undefined} onClose={end}>
      <Suspense>{wanted && <SwitchDialog key={wanted.profile_id} {...wanted} onClose={end} />}</Suspense>
    </Guarded>
  );
}
