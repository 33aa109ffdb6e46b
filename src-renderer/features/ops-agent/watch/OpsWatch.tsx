/** Watches the ops agent on every page, and says when something critical fires or is over. Shows nothing itself. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { toast } from 'sonner';
import type { OpsAlert } from '../../../../src-contract/index.ts';
import { localTimes } from '../../../ui/content/local-times.ts';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { newsId } from '../../../ui/news-toast.ts';
import { type CriticalNews, CriticalWatch } from './critical-news.ts';
import { useOpsWatch } from './use-ops-watch.ts';

const SHOWN_MS = 12_000;
const CHANNEL = 'archon.ops.news';
const TEXT_SHOWN = 300;

export function OpsWatch() {
  const critical = useOpsWatch();
  const navigate = useNavigate();
  const watch = useRef(new CriticalWatch());
  const channel = useRef<BroadcastChannel>(undefined);
  // Several windows of the same Archon tell of each alert once, together.
  useEffect(() => {
    const own = new BroadcastChannel(CHANNEL);
    own.onmessage = ({ data }: MessageEvent<CriticalNews>) => watch.current.heard(data);
    channel.current = own;
    return () => {
      channel.current = undefined;
      own.close();
    };
  }, []);
  useEffect(() => {
    if (critical === undefined) return;
    const news = watch.current.take(critical);
    if (news.begun.length + news.ended.length === 0) return;
    channel.current?.postMessage(news);
    for (const alert of news.begun) {
      tellBegun(alert, () => void navigate({ to: '/ops-agent/alerts', search: { alert: alert.id } }));
    }
    for (const alert of news.ended) tellEnded(alert);
  }, [critical, navigate]);
  return null;
}

const keyOf = ({ id }: OpsAlert): string => `ops ${id}`;
const shown = (text: string): string => localTimes(excerpt(text, TEXT_SHOWN));

function tellBegun(alert: OpsAlert, show: () => void): void {
  toast.error(shown(alert.summary), {
    id: newsId(keyOf(alert), 'begun'),
    description: alert.cause === null ? undefined : shown(alert.cause),
    duration: SHOWN_MS,
    action: { label: 'Show', onClick: show },
  });
}

function tellEnded(alert: OpsAlert): void {
  toast.success(`It is over: ${shown(alert.rule_name)}.`, {
    id: newsId(keyOf(alert), 'ended'),
    duration: SHOWN_MS,
  });
}
