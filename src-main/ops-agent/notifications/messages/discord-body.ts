/**
 * A message for a webhook of Discord. At most ten embeds with 256 characters in a title, 4,096 in a description, 25 fields
 * of 256 and 1,024, and 6,000 characters of all embeds together
 * (https://discord.com/developers/docs/resources/message#embed-object-embed-limits).
 */
import { clipped, factsOf, type Message, stateWords, TEST_TEXT, type ToldAlert, unlinked } from './message.ts';
import { plainText } from './plain-text.ts';

const MOST_EMBEDS = 10;
const MOST_TITLE = 256;
const MOST_FIELDS = 25;
const MOST_FIELD_NAME = 256;
const MOST_FIELD_VALUE = 1024;
const MOST_TOGETHER = 6000;
/** Less than Discord takes, so that one alert leaves room for others. */
const MOST_DESCRIPTION = 1500;
const MOST_REPORT = 4000;
const COLOURS = { low: 0x64748b, medium: 0xd97706, high: 0xea580c, critical: 0xdc2626, resolved: 0x16a34a };

interface Embed {
  title: string;
  /** What the title leads to. */
  url?: string;
  description: string;
  color?: number;
  timestamp?: string;
  fields?: { name: string; value: string; inline: boolean }[];
}

export function discordBody(message: Message): object {
  // Nobody is called by what stands in an alert.
  const head = { username: 'Archon', allowed_mentions: { parse: [] } };
  switch (message.kind) {
    case 'test':
      return { ...head, content: TEST_TEXT };
    case 'report': {
      const description = clipped(unlinked(plainText(message)), MOST_REPORT);
      return { ...head, embeds: [{ title: clipped(message.subject, MOST_TITLE), description }] };
    }
    case 'alerts': {
      const embeds = embedsOf(message.alerts);
      const more = message.alerts.length - embeds.length;
      return { ...head, ...(more > 0 ? { content: `And ${more} more: see Archon.` } : {}), embeds };
    }
  }
}

function embedsOf(alerts: readonly ToldAlert[]): Embed[] {
  const embeds: Embed[] = [];
  let length = 0;
  for (const told of alerts.slice(0, MOST_EMBEDS)) {
    const embed = embedOf(told);
    length += lengthOf(embed);
    if (length > MOST_TOGETHER) break;
    embeds.push(embed);
  }
  return embeds;
}

function embedOf(told: ToldAlert): Embed {
  const { alert, about } = told;
  const said = [
    alert.summary,
    ...(alert.cause === null ? [] : [`Cause: ${alert.cause}`]),
    ...(alert.advice === null || about === 'resolved' ? [] : [`What to do: ${alert.advice}`]),
  ];
  const embed: Embed = {
    title: clipped(`${stateWords(told)}: ${alert.rule_name}`, MOST_TITLE),
    ...(told.link === undefined ? {} : { url: told.link }),
    description: clipped(unlinked(said.join('\n')), MOST_DESCRIPTION),
    color: COLOURS[about === 'resolved' ? 'resolved' : alert.severity],
    timestamp: about === 'resolved' && alert.ended_at !== null ? alert.ended_at : alert.started_at,
    fields: [],
  };
  let room = MOST_TOGETHER - lengthOf(embed);
  for (const [name, value] of factsOf(told).slice(0, MOST_FIELDS)) {
    const field = {
      name: clipped(name, MOST_FIELD_NAME),
      value: clipped(unlinked(value) || '–', MOST_FIELD_VALUE),
      inline: true,
    };
    room -= field.name.length + field.value.length;
    if (room < 0) break;
    embed.fields?.push(field);
  }
  return embed;
}

const lengthOf = ({ title, description, fields = [] }: Embed): number =>
  title.length + description.length + fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
