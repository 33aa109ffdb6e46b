/** Everything about one alert, and what a person can do with it. */
import { useNavigate } from '@tanstack/react-router';
import { BellOff, Braces, Check, FileText, Link2, MoreHorizontal, Siren, StickyNote, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { OpsAlertDetail } from '../../../../../src-contract/index.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { desktop } from '../../../../rpc/transport.ts';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { copyText } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { Menu, MenuItem } from '../../../../ui/Menu.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Tabs } from '../../../../ui/Tabs.tsx';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';
import { useAlert } from '../hooks/use-alert.ts';
import { useAlertChanges } from '../hooks/use-alert-changes.ts';
import { alertText, isOver } from '../model/alert-words.ts';
import { AlertActions } from './AlertActions.tsx';
import { AlertDeliveries } from './AlertDeliveries.tsx';
import { AlertFacts } from './AlertFacts.tsx';
import { AlertStateBadge } from './AlertStateBadge.tsx';
import { AlertTimeline } from './AlertTimeline.tsx';
import { RemarkDialog } from './RemarkDialog.tsx';
import { SilenceDialog } from './SilenceDialog.tsx';

export interface AlertDrawerProps {
  alert_id: string;
  onClose(): void;
}

export function AlertDrawer({ alert_id, onClose }: AlertDrawerProps) {
  const query = useAlert(alert_id);
  const { data: alert } = query;
  const isGone = query.isError && problemOf(query.error).code === 'NOT_FOUND';
  return (
    <Drawer
      label="Alert"
      onClose={onClose}
      heading={
        alert && (
          <>
            <SeverityBadge severity={alert.severity} />
            <AlertStateBadge state={alert.state} />
            <h3 dir="auto" className="one-line font-semibold text-[14px]" title={visibleText(alert.rule_name)}>
              {visibleText(alert.rule_name)}
            </h3>
          </>
        )
      }
    >
      {isGone ? (
        <EmptyState icon={<Siren />} title="There is no such alert">
          Alerts are kept for 90 days, at most the last 10,000; or the link is of another Archon.
        </EmptyState>
      ) : alert ? (
        <>
          {query.isError && (
            <div className="px-4 pt-3">
              <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
            </div>
          )}
          <Details alert={alert} />
        </>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </Drawer>
  );
}

type DetailTab = 'alert' | 'timeline' | 'sent' | 'done';

function Details({ alert }: { alert: OpsAlertDetail }) {
  const [tab, setTab] = useState<DetailTab>('alert');
  const [delivery, setDelivery] = useState<string>();
  const navigate = useNavigate();
  return (
    <>
      <Deeds alert={alert} />
      <Tabs<DetailTab>
        label="Parts of the alert"
        className="flex-1"
        value={tab}
        onChange={(next) => {
          setDelivery(undefined);
          setTab(next);
        }}
        tabs={[
          { value: 'alert', label: 'Alert' },
          { value: 'timeline', label: 'What happened', count: alert.timeline.length },
          { value: 'sent', label: 'Sent' },
          { value: 'done', label: 'Actions' },
        ]}
      >
        <div className="min-h-0 flex-1 overflow-y-auto p-4">
          {tab === 'alert' && <AlertFacts alert={alert} />}
          {tab === 'timeline' && (
            <AlertTimeline
              timeline={alert.timeline}
              onDelivery={(id) => {
                setDelivery(id);
                setTab('sent');
              }}
              onAction={(action) => void navigate({ to: '/ops-agent/actions', search: { action } })}
            />
          )}
          {tab === 'sent' && <AlertDeliveries alert_id={alert.id} opened={delivery} />}
          {tab === 'done' && <AlertActions alert_id={alert.id} />}
        </div>
      </Tabs>
    </>
  );
}

function Deeds({ alert }: { alert: OpsAlertDetail }) {
  const changes = useAlertChanges();
  const [asking, setAsking] = useState<'acknowledge' | 'note' | 'silence'>();
  const { blocked, isBusy } = changes;
  const copy = async (text: string, what: string) => {
    if (await copyText(text)) toast.success(`${what} copied.`);
  };
  const close = () => setAsking(undefined);
  return (
    <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2">
      {alert.acknowledged === null ? (
        <Button
          size="small"
          look="primary"
          icon={<Check className="size-3.5" />}
          disabled={isOver(alert)}
          blocked={blocked}
          onClick={() => setAsking('acknowledge')}
        >
          Acknowledge
        </Button>
      ) : (
        <Button
          size="small"
          icon={<Undo2 className="size-3.5" />}
          busy={isBusy}
          disabled={isOver(alert)}
          blocked={blocked}
          onClick={() => void changes.takeBack(alert.id)}
        >
          Take back
        </Button>
      )}
      <Button
        size="small"
        icon={<StickyNote className="size-3.5" />}
        blocked={blocked}
        onClick={() => setAsking('note')}
      >
        Note
      </Button>
      <Button
        size="small"
        icon={<BellOff className="size-3.5" />}
        blocked={blocked}
        onClick={() => setAsking('silence')}
      >
        Silence
      </Button>
      <span className="flex-1" />
      <Menu trigger={<IconButton label="Copy" icon={<MoreHorizontal className="size-4" />} />}>
        {/* In the desktop app there is no address that leads here from elsewhere. */}
        {desktop === undefined && (
          <MenuItem
            icon={<Link2 />}
            onSelect={() => void copy(`${location.origin}/ops-agent/alerts?alert=${alert.id}`, 'Link')}
          >
            Copy link
          </MenuItem>
        )}
        <MenuItem icon={<FileText />} onSelect={() => void copy(alertText(alert), 'Text')}>
          Copy as text
        </MenuItem>
        <MenuItem icon={<Braces />} onSelect={() => void copy(JSON.stringify(alert, null, 2), 'JSON')}>
          Copy JSON
        </MenuItem>
      </Menu>
      {(asking === 'acknowledge' || asking === 'note') && (
        <RemarkDialog
          kind={asking}
          alert={alert}
          isBusy={isBusy}
          blocked={blocked}
          onSay={(text) => (asking === 'note' ? changes.note(alert.id, text) : changes.acknowledge(alert.id, text))}
          onClose={close}
        />
      )}
      {asking === 'silence' && <SilenceDialog alert={alert} changes={changes} onClose={close} />}
    </div>
  );
}
