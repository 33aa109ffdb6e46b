import { useCallback, useEffect, useRef } from 'react';
import type { AlertNews, News } from '../model/alert-news.ts';

const CHANNEL = 'archon.health.news';

/**
 * Several windows of the same Archon tell of each warning once, together: which of them read it first tells.
 *
 * @returns tells the others what this window told
 */
export function useSharedNews(news: AlertNews): (told: News) => void {
  const channel = useRef<BroadcastChannel>(undefined);
  useEffect(() => {
    const own = new BroadcastChannel(CHANNEL);
    own.onmessage = ({ data }: MessageEvent<News>) => news.heard(data);
    channel.current = own;
    return () => {
      channel.current = undefined;
      own.close();
    };
  }, [news]);
  return useCallback((told) => {
    if (told.begun.length + told.ended.length > 0) channel.current?.postMessage(told);
  }, []);
}
