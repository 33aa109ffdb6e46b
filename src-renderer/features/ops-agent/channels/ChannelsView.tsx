/** Channels: who is told of alerts, how, and what was sent. */
import { Bell, Mail, MessageSquare, Plus, Siren, Webhook } from 'lucide-react';
import { useState } from 'react';
import type { OpsChannel } from '../../../../src-contract/index.ts';
import { Button } from '../../../ui/Button.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Confirm } from '../../../ui/Dialog.tsx';
import { Drawer } from '../../../ui/Drawer.tsx';
import { Menu, MenuItem } from '../../../ui/Menu.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Tabs } from '../../../ui/Tabs.tsx';
import { ChannelEditor } from './components/ChannelEditor.tsx';
import { ChannelRow } from './components/ChannelRow.tsx';
import { DeliveryLog } from './components/DeliveryLog.tsx';
import { useChannelChanges } from './hooks/use-channel-changes.ts';
import { useChannels } from './hooks/use-channels.ts';
import { type ChannelsSearchControl, useChannelsSearch } from './hooks/use-channels-search.ts';
import { channelsSummary, standingOf } from './model/channel-words.ts';
import { KINDS } from './model/delivery-words.ts';

type View = 'channels' | 'log';

export function ChannelsView() {
  const { search, set } = useChannelsSearch();
  return (
    <>
      <h2 className="sr-only">Channels</h2>
      <Tabs<View>
        label="Parts of the channels"
        className="flex-1"
        value={search.view ?? 'channels'}
        onChange={(view) => set({ view: view === 'log' ? view : undefined })}
        tabs={[
          { value: 'channels', label: 'Channels' },
          { value: 'log', label: 'What was sent' },
        ]}
      >
        {search.view === 'log' ? <DeliveryLog search={search} set={set} /> : <ChannelList search={search} set={set} />}
      </Tabs>
    </>
  );
}

function ChannelList({ search, set }: ChannelsSearchControl) {
  const query = useChannels();
  const changes = useChannelChanges();
  const [removing, setRemoving] = useState<OpsChannel>();
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const channels = query.data.items;
  return (
    <>
      <div className="flex items-center gap-3 border-line border-b px-3 py-2">
        <p role="status" className="flex-1 text-muted tabular-nums">
          {channelsSummary(channels)}
        </p>
        <NewChannel blocked={changes.blocked} set={set} />
      </div>
      <div
        className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3"
        tabIndex={0}
        role="region"
        aria-label="List of channels"
      >
        {query.isError && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
        {channels.length === 0 ? (
          <EmptyState icon={<Bell />} title="Nobody is told">
            Alerts are shown in Archon. A channel sends them to people, too.
          </EmptyState>
        ) : (
          <ul aria-label="Channels" className="space-y-2">
            {inOrder(channels).map((channel) => (
              <ChannelRow
                key={channel.id}
                channel={channel}
                isOpen={channel.id === search.channel}
                isBusy={changes.busy === 'switch'}
                blocked={changes.blocked}
                onOpen={() => set({ channel: channel.id, new: undefined })}
                onSwitch={(enabled) => void changes.switchTo(channel, enabled)}
              />
            ))}
          </ul>
        )}
      </div>
      <OpenChannel channels={channels} search={search} set={set} onRemove={setRemoving} />
      {removing !== undefined && (
        <Confirm
          open
          onOpenChange={(isOpen) => !isOpen && setRemoving(undefined)}
          title={
            removing.origin === 'custom'
              ? `Delete ${visibleText(removing.name)}?`
              : `Take back what was changed in ${visibleText(removing.name)}?`
          }
          action={removing.origin === 'custom' ? 'Delete' : 'Take it back'}
          busy={changes.busy === 'remove'}
          onConfirm={() =>
            void changes.remove(removing).then((isDone) => {
              if (isDone) set({ channel: undefined });
              setRemoving(undefined);
            })
          }
        >
          {removing.origin === 'custom'
            ? 'Nothing is sent through it any more, and its secrets are forgotten. What was sent stays in the log. This cannot be undone.'
            : 'It is again as the settings say, without secrets of its own. This cannot be undone.'}
        </Confirm>
      )}
    </>
  );
}

/** Those that are not set up come last. */
const inOrder = (channels: readonly OpsChannel[]): readonly OpsChannel[] =>
  channels.toSorted((one, other) => rank(one) - rank(other));

const rank = (channel: OpsChannel): number => (standingOf(channel) === 'not_set_up' ? 1 : 0);

interface OpenChannelProps extends ChannelsSearchControl {
  channels: readonly OpsChannel[];
  onRemove(channel: OpsChannel): void;
}

function OpenChannel({ channels, search, set, onRemove }: OpenChannelProps) {
  const close = () => set({ channel: undefined, new: undefined });
  if (search.new !== undefined) {
    return (
      <ChannelEditor
        key={`new ${search.new}`}
        channel={undefined}
        kind={search.new}
        onClose={close}
        onRemove={onRemove}
      />
    );
  }
  if (search.channel === undefined) return null;
  const channel = channels.find(({ id }) => id === search.channel);
  return <KeptEditor key={search.channel} channel={channel} onClose={close} onRemove={onRemove} />;
}

/** Removed by somebody else while it is open, it stays open: what was written is not lost. */
function KeptEditor({
  channel,
  onClose,
  onRemove,
}: Pick<OpenChannelProps, 'onRemove'> & { channel: OpsChannel | undefined; onClose(): void }) {
  const [first] = useState(channel);
  if (first === undefined) {
    return (
      <Drawer label="Channel" onClose={onClose}>
        <EmptyState icon={<Siren />} title="There is no such channel">
          It was deleted, or the link is of another Archon.
        </EmptyState>
      </Drawer>
    );
  }
  return <ChannelEditor channel={first} kind={first.target.kind} onClose={onClose} onRemove={onRemove} />;
}

const NEW = [
  { kind: 'email', icon: <Mail /> },
  { kind: 'slack', icon: <MessageSquare /> },
  { kind: 'webhook', icon: <Webhook /> },
  { kind: 'desktop', icon: <Bell /> },
] as const;

function NewChannel({ blocked, set }: { blocked: string | undefined; set: ChannelsSearchControl['set'] }) {
  return (
    <Menu
      trigger={
        <Button look="primary" icon={<Plus className="size-4" />}>
          New channel
        </Button>
      }
    >
      {NEW.map(({ kind, icon }) => (
        <MenuItem key={kind} icon={icon} blocked={blocked} onSelect={() => set({ channel: undefined, new: kind })}>
          {KINDS[kind]}
        </MenuItem>
      ))}
    </Menu>
  );
}
