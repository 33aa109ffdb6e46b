/**
 * A message for Teams: an Adaptive Card, as the workflow “Post to a channel when a webhook request is received” takes it.
 * Cards of more than 28 KB are refused
 * (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
 */
import {
  clipped,
  factsOf,
  LINK_TEXT,
  type Message,
  stateWords,
  TEST_TEXT,
  type ToldAlert,
  unlinked,
} from './message.ts';
import { plainText } from './plain-text.ts';

const MOST_BYTES = 24_000;
const MOST_TEXT = 1500;
const MOST_REPORT = 8000;
const MOST_VALUE = 300;
const COLOURS = { low: 'Default', medium: 'Warning', high: 'Attention', critical: 'Attention', resolved: 'Good' };

export function teamsBody(message: Message): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: bodyOf(message),
        },
      },
    ],
  };
}

function bodyOf(message: Message): object[] {
  switch (message.kind) {
    case 'test':
      return [title('Archon'), text(TEST_TEXT)];
    case 'report':
      return [title(message.subject), text(clipped(plainText(message), MOST_REPORT))];
    case 'alerts':
      return [title(message.subject), ...alertsOf(message.alerts)];
  }
}

function alertsOf(alerts: readonly ToldAlert[]): object[] {
  const body: object[] = [];
  let bytes = 0;
  for (const [index, told] of alerts.entries()) {
    const container = containerOf(told);
    bytes += Buffer.byteLength(JSON.stringify(container));
    if (index > 0 && bytes > MOST_BYTES) {
      body.push(text(`And ${alerts.length - index} more: see Archon.`));
      break;
    }
    body.push(container);
  }
  return body;
}

function containerOf(told: ToldAlert): object {
  const { alert, about } = told;
  const colour = COLOURS[about === 'resolved' ? 'resolved' : alert.severity];
  return {
    type: 'Container',
    separator: true,
    items: [
      { ...text(stateWords(told)), weight: 'Bolder', color: colour },
      text(clipped(alert.summary, MOST_TEXT)),
      {
        type: 'FactSet',
        facts: factsOf(told)
          .slice(0, 20)
          .map(([name, value]) => ({ title: clipped(name, 60), value: unlinked(clipped(value, MOST_VALUE)) })),
      },
      ...(alert.cause === null ? [] : [text(clipped(`Cause: ${alert.cause}`, MOST_TEXT))]),
      ...(alert.advice === null || about === 'resolved'
        ? []
        : [text(clipped(`What to do: ${alert.advice}`, MOST_TEXT))]),
      ...(told.link === undefined ? [] : [linkTo(told.link)]),
    ],
  };
}

const linkTo = (url: string) => ({
  type: 'ActionSet',
  actions: [{ type: 'Action.OpenUrl', title: LINK_TEXT, url }],
});
const title = (words: string) => ({ ...text(clipped(words, 250)), size: 'Medium', weight: 'Bolder' });
const text = (words: string) => ({ type: 'TextBlock', text: unlinked(words), wrap: true });
