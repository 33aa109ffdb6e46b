/** A message as plain text, for mails and where nothing else is shown. */
import { factsOf, type Message, MOST_TOLD, stateWords, TEST_TEXT, type ToldAlert } from './message.ts';

export function plainText(message: Message): string {
  switch (message.kind) {
    case 'test':
      return `${TEST_TEXT}\n\nChannel: ${message.channel}`;
    case 'report':
      return message.text;
    case 'alerts': {
      const shown = message.alerts.slice(0, MOST_TOLD).map(alertText);
      const more = message.alerts.length - shown.length;
      return [...shown, ...(more > 0 ? [`And ${more} more: see Archon.`] : [])].join('\n\n');
    }
  }
}

function alertText(told: ToldAlert): string {
  const { alert } = told;
  const lines = [
    `${stateWords(told)}: ${alert.summary}`,
    ...factsOf(told).map(([name, value]) => `  ${name}: ${value}`),
  ];
  if (alert.cause !== null) lines.push(`  Cause: ${alert.cause}`);
  if (alert.advice !== null && told.about !== 'resolved') lines.push(`  What to do: ${alert.advice}`);
  if (told.link !== undefined) lines.push(`  ${told.link}`);
  return lines.join('\n');
}
