/** Watches the engine on every page, and says when something goes wrong or is well again. Shows nothing itself. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { toast } from 'sonner';
import { longDuration } from '../../../ui/duration.ts';
import { useHealthFacts } from './hooks/use-health-facts.ts';
import { useHealthWatch } from './hooks/use-health-watch.ts';
import { hashOf, searchOf } from './model/alert-links.ts';
import { AlertNews } from './model/alert-news.ts';
import { type Alert, alertPast, alertTitle } from './model/alerts.ts';

const SHOWN_MS = 8000;

export function HealthWatch() {
  const { read_ms } = useHealthWatch();
  const { alerts, facts } = useHealthFacts();
  // What is read later would be taken for news.
  const isWhole = facts?.breakers !== undefined && facts.journal !== undefined;
  const navigate = useNavigate();
  const news = useRef<AlertNews>(undefined);
  const taken_ms = useRef(0);
  useEffect(() => {
    // Once for each reading.
    if (!isWhole || read_ms === taken_ms.current) return;
    taken_ms.current = read_ms;
    news.current ??= new AlertNews();
    const { begun, ended } = news.current.take(alerts);
    const show = ({ place }: Alert) =>
      void navigate({ to: '/observability', search: searchOf(place), hash: hashOf(place) });
    for (const alert of begun) tellBegun(alert, () => show(alert));
    for (const alert of ended) tellEnded(alert);
  }, [read_ms, alerts, isWhole, navigate]);
  return null;
}

/** The same trouble has the same message: what ends takes the place of what began. */
const idOf = ({ key }: Alert): string => `health ${key}`;

function tellBegun(alert: Alert, show: () => void): void {
  const tell = alert.severity === 'bad' ? toast.error : toast.warning;
  tell(`${alertTitle(alert)}.`, {
    id: idOf(alert),
    description: asSentence(alert.effects.join(', ')),
    duration: SHOWN_MS,
    action: { label: 'Show', onClick: show },
  });
}

const asSentence = (text: string): string | undefined =>
  text === '' ? undefined : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function tellEnded(alert: Alert): void {
  const lasted = alert.since === undefined ? '' : ` for ${longDuration(Date.now() - Date.parse(alert.since))}`;
  toast.success(`It is over: ${alertPast(alert)}${lasted}.`, {
    id: idOf(alert),
    description: undefined,
    action: undefined,
    duration: SHOWN_MS,
  });
}
