/** A report in two or three sentences. */
import type { OpsReportData } from '../../../src-contract/index.ts';
import type { FigureKey } from './figures.ts';
import { countText, msText, percentText, secondsText, words } from './format.ts';

type Told = Omit<OpsReportData, 'summary'>;

/** Below this part of the time the sentence says that little is known. */
const NEARLY_ALL_PERCENT = 95;

export function summaryOf(data: Told): string {
  const value = (key: FigureKey) => data.figures.find((figure) => figure.key === key)?.value ?? null;
  const sentences = [
    uptimeSentence(data, value('uptime_percent')),
    alertSentence(value('alerts_fired'), value('actions_taken'), value('actions_helped')),
    requestSentence(value('requests'), value('latency_p95_ms')),
    outageSentence(data),
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}

function uptimeSentence({ recorded_percent }: Told, uptime: number | null): string {
  if (uptime === null) return 'It was not recorded whether Archon was up.';
  const up = uptime === 100 ? 'Archon was up all the time' : `Archon was up ${percentText(uptime)} of the time`;
  if (recorded_percent >= NEARLY_ALL_PERCENT) return `${up}.`;
  return `${up} that was recorded, which is ${percentText(recorded_percent)} of it; of the rest nothing is known.`;
}

function alertSentence(alerts: number | null, actions: number | null, helped: number | null): string | null {
  if (alerts === null) return null;
  const fired = alerts === 0 ? 'No alert fired' : `${plural(alerts, 'alert')} fired`;
  if (actions === null || actions === 0) return `${fired}.`;
  return `${fired}, and the agent acted ${actions === 1 ? 'once' : `${countText(actions)} times`}${helpedText(actions, helped)}.`;
}

function helpedText(actions: number, helped: number | null): string {
  if (helped === null) return '';
  if (helped === actions) return actions === 1 ? ', which helped' : ', which helped each time';
  return helped === 0 ? ', which did not help' : `; ${countText(helped)} of these helped`;
}

function requestSentence(requests: number | null, p95_ms: number | null): string | null {
  if (requests === null || requests === 0) return null;
  const within = p95_ms === null ? '' : `, 95 of 100 within ${msText(p95_ms)}`;
  return `${plural(requests, 'request')} came in${within}.`;
}

/** The outage that took longest, of what was down. */
function outageSentence({ components }: Told): string | null {
  const [worst] = components
    .filter(({ outages }) => outages > 0)
    .toSorted((a, b) => b.longest_outage_seconds - a.longest_outage_seconds);
  if (worst === undefined) return null;
  const { component, longest_outage_seconds } = worst;
  return `The longest outage was of ${words(component)}, ${secondsText(longest_outage_seconds)}.`;
}

const plural = (count: number, word: string): string => `${countText(count)} ${word}${count === 1 ? '' : 's'}`;
