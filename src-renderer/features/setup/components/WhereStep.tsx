/** Where memory lives: on this computer, or in a PostgreSQL server that is connected here. */
import { HardDrive, Server } from 'lucide-react';
import type { ReactNode } from 'react';
import { useProfiles } from '../../../app/profile/use-profiles.ts';
import { useOpenProfile } from '../../../app/read-only.ts';
import { cx } from '../../../ui/classes.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { useSetup } from '../setup-store.ts';
import { ConnectServer } from './ConnectServer.tsx';

export function WhereStep() {
  const open = useOpenProfile();
  const { data } = useProfiles();
  const { place, choose } = useSetup();
  const shown = place ?? (open?.kind === 'remote' ? 'server' : 'here');
  if (open === null) {
    return (
      <p className="text-muted">
        The connection is set by{' '}
        <strong className="font-mono text-xs">{data?.state.configured_by ?? 'the configuration'}</strong>: memory lives
        there. Go on to see whether everything works.
      </p>
    );
  }
  return (
    <>
      <p className="text-muted">It can be changed at any time, under Settings, Connections.</p>
      <div role="radiogroup" aria-label="Where memory lives" className="grid grid-cols-2 gap-4">
        <Place icon={<HardDrive />} title="This computer" checked={shown === 'here'} onChange={() => choose('here')}>
          Nothing to set up. Memory stays in the data folder, and works without a network.
        </Place>
        <Place icon={<Server />} title="PostgreSQL" checked={shown === 'server'} onChange={() => choose('server')}>
          A server of yours, for several computers or agents that share what they remember.
        </Place>
      </div>
      {shown === 'here' && open !== undefined && open.kind !== 'local' && (
        <p className="text-muted">
          {visibleText(open.name)} is open now. Open “This computer” from the status bar to go back to it.
        </p>
      )}
      {shown === 'server' &&
        (open?.kind === 'remote' ? (
          <p role="status" className="rounded-md bg-ok/15 px-3 py-2 text-ok [overflow-wrap:anywhere]">
            {visibleText(open.name)} is open: memory lives there.
          </p>
        ) : (
          <ConnectServer />
        ))}
    </>
  );
}

interface PlaceProps {
  icon: ReactNode;
  title: string;
  checked: boolean;
  onChange(): void;
  children: ReactNode;
}

function Place({ icon, title, checked, onChange, children }: PlaceProps) {
  return (
    <label
      className={cx(
        'relative flex cursor-pointer flex-col gap-2 rounded-xl border bg-surface p-5 hover:bg-raised has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text',
        checked ? 'border-accent' : 'border-line',
      )}
    >
      <input type="radio" name="place" aria-label={title} className="sr-only" checked={checked} onChange={onChange} />
      <span aria-hidden="true" className="text-accent-text [&_svg]:size-6">
        {icon}
      </span>
      <span className="font-semibold text-[15px]">{title}</span>
      <span className="text-muted">{children}</span>
    </label>
  );
}
