/** Watches the engine on every page, and says when something goes wrong or is well again. Shows nothing itself. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { toast } from 'sonner';
import { longDuration } from '../../../ui/duration.ts';
import { newsId } from '../../../ui/news-toast.ts';
import { useHealthFacts } from './hooks/use-health-facts.ts';
import { useHealthWatch } from './hooks/use-health-watch.ts';
import { useSharedNews } from './hooks/use-shared-news.ts';
import { lastedMs } from './model/alert-end.ts';
import { hashOf, searchOf } from './model/alert-links.ts';
import { AlertNews } from './model/alert-news.ts';
import { type Alert, alertOver, alertTitle } from './model/alerts.ts';

const SHOWN_MS = 8000;

export function HealthWatch() {
  const { read_ms } = useHealthWatch();
  const { alerts, facts } = useHealthFacts();
  const navigate = useNavigate();
  const news = useRef(new AlertNews());
  const shareNews = useSharedNews(news.current);
  const taken = useRef({ read_ms: 0, checked_at: '' });
  useEffect(() => {
    // What is read later than the rest would be taken for news; each reading counts once.
    const isWhole = facts?.breakers !== undefined && facts.journal !== undefined;
    if (!isWhole || read_ms === taken.current.read_ms) return;
    const { checked_at: before } = taken.current;
    taken.current = { read_ms, checked_at: facts.health.checked_at };
    const found = news.current.take(alerts);
    shareNews(found);
    const show = ({ place }: Alert) =>
      void navigate({ to: '/observability', search: searchOf(place), hash: hashOf(place) });
    for (const alert of found.begun) tellBegun(alert, () => show(alert));
    for (const alert of found.ended) tellEnded(alert, lastedMs(alert, facts.health, before));
  }, [read_ms, alerts, facts, shareNews, navigate]);
  return null;
}

const keyOf = ({ key }: Alert): string => `health ${key}`;

function tellBegun(alert: Alert, show: () => void): void {
  const tell = alert.severity === 'bad' ? toast.error : toast.warning;
  tell(`${alertTitle(alert)}.`, {
    id: newsId(keyOf(alert), 'begun'),
    description: asSentence(alert.effects.join(', ')),
    duration: SHOWN_MS,
    action: { label: 'Show', onClick: show },
  });
}

const asSentence = (text: string): string | undefined =>
  text === '' ? undefined : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function tellEnded(alert: Alert, lasted_ms: number | undefined): void {
  const lasted = lasted_ms === undefined ? '' : ` for ${longDuration(lasted_ms)}`;
  toast.success(`${alertOver(alert)}${lasted}.`, {
    id: newsId(keyOf(alert), 'ended'),
    duration: SHOWN_MS,
  });
}
