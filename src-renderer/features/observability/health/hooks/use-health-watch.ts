/**
 * Asks how the engine is, for the whole app: once, however many places show it. What it reads, {@link useHealthFacts}
 * gives out. Nothing is asked while the page is hidden, and nothing twice at a time.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { create } from 'zustand';
import { useGathered } from '../../../../lists/use-gathered.ts';
import { api } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { useEvents } from '../../../../rpc/live-events.ts';
import { useWhenSeen } from '../../../../ui/use-when-seen.ts';
import { type LatencyHistory, withReading } from '../model/latency-history.ts';
import { paceOf, useWatchPace } from './watch-pace.ts';

/** Gathered by the watch, so that there is something to see when the page is opened. */
export const useLatencyHistory = create<{ history: LatencyHistory }>(() => ({ history: {} }));

export interface HealthWatch {
  /** When all of it was answered or refused for the last time; 0 while something was not. */
  read_ms: number;
}

/** Used once, by the frame of the app. */
export function useHealthWatch(): HealthWatch {
  const every_ms = useWatchPace(paceOf);
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  const options = {
    enabled: isOnline,
    staleTime: 0,
    // The next question comes soon enough.
    retry: false,
    refetchInterval: every_ms,
    refetchOnWindowFocus: every_ms !== false,
  } as const;
  const health = useQuery(api.health.deep.queryOptions(options));
  const breakers = useQuery(api.resilience.list.queryOptions(options));
  const journal = useQuery(api.journal.status.queryOptions(options));

  const all = [health, breakers, journal];
  const readAll = useGathered(() => Promise.all(all.map(({ refetch }) => refetch({ cancelRefetch: false }))));
  const readSoon = useWhenSeen(readAll);
  useEvents(({ type }) => {
    const isNews = type === 'system.breaker.changed' || type.startsWith('system.journal.');
    if (isNews && every_ms !== false && isOnline) readSoon();
  });
  const { data } = health;
  useEffect(() => {
    if (data) useLatencyHistory.setState(({ history }) => ({ history: withReading(history, data) }));
  }, [data]);
  const isSettled = all.every(({ isPending }) => !isPending);
  return { read_ms: isSettled ? health.dataUpdatedAt : 0 };
}
