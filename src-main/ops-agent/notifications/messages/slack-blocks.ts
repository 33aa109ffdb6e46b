/**
 * A message as blocks of Slack: at most 50, 3,000 characters in a section, 150 in a header, 2,000 in a field of which a
 * section has ten (https://docs.slack.dev/reference/block-kit/blocks). All together no more than about 13,000 are taken,
 * which is not in the documents (https://github.com/slackapi/bolt-js/issues/2509).
 */
import type { SlackMessage } from '../../../alerting/slack.ts';
import { clipped, factsOf, LINK_TEXT, type Message, stateWords, TEST_TEXT, type ToldAlert } from './message.ts';
import { plainText } from './plain-text.ts';

const MOST_BLOCKS = 50;
const MOST_SECTION = 3000;
const MOST_HEADER = 150;
const MOST_FIELD = 2000;
const MOST_FIELDS = 10;
const MOST_TOGETHER = 12_000;
/** Of the text beside the blocks. */
const MOST_TEXT = 3000;

export function slackMessage(message: Message): SlackMessage {
  const text = clipped(escaped(message.subject), MOST_TEXT);
  switch (message.kind) {
    case 'test':
      return { text: TEST_TEXT, blocks: [section(TEST_TEXT), context(`Channel: ${message.channel}`)] };
    case 'report':
      return { text, blocks: [header(message.subject), ...sections(plainText(message))] };
    case 'alerts':
      return { text, blocks: [header(message.subject), ...alertBlocks(message.alerts)] };
  }
}

/** As many as there is room for. */
function alertBlocks(alerts: readonly ToldAlert[]): object[] {
  const blocks: object[] = [];
  let length = 0;
  for (const [index, told] of alerts.entries()) {
    const next = blocksOf(told);
    length += JSON.stringify(next).length;
    // One stays for what is left out, one is the header.
    if (blocks.length + next.length > MOST_BLOCKS - 2 || (index > 0 && length > MOST_TOGETHER)) {
      blocks.push(context(`And ${alerts.length - index} more: see Archon.`));
      break;
    }
    blocks.push(...next);
  }
  return blocks;
}

/** What one alert may take of a message, in characters. */
const MOST_ADVICE = 1000;
const MOST_FACT = 300;

function blocksOf(told: ToldAlert): object[] {
  const { alert, about } = told;
  const facts = factsOf(told)
    .slice(0, MOST_FIELDS)
    .map(([name, value]) =>
      markdown(`*${escaped(clipped(name, 60))}*\n${escaped(clipped(value, MOST_FACT))}`, MOST_FIELD),
    );
  const mark = about === 'resolved' ? ':white_check_mark:' : MARKS[alert.severity];
  const blocks: object[] = [
    {
      ...section(`${mark} *${escaped(stateWords(told))}*\n${escaped(clipped(alert.summary, MOST_ADVICE))}`),
      fields: facts,
    },
  ];
  const said = [
    ...(alert.cause === null ? [] : [`Cause: ${clipped(alert.cause, MOST_ADVICE)}`]),
    ...(alert.advice === null || about === 'resolved' ? [] : [`What to do: ${clipped(alert.advice, MOST_ADVICE)}`]),
  ];
  if (said.length > 0) blocks.push(context(said.join('\n')));
  if (told.link !== undefined) blocks.push(linkBlock(told.link));
  return blocks;
}

const MARKS = {
  low: ':information_source:',
  medium: ':warning:',
  high: ':large_orange_circle:',
  critical: ':red_circle:',
};

function sections(text: string): object[] {
  const blocks: object[] = [];
  let rest = clipped(text, MOST_TOGETHER - MOST_SECTION);
  while (rest !== '' && blocks.length < MOST_BLOCKS - 1) {
    const cut = rest.length <= PART ? rest.length : Math.max(rest.lastIndexOf('\n', PART), 1);
    const part = rest.slice(0, cut === 1 ? PART : cut);
    rest = rest.slice(part.length);
    if (part.trim() !== '') blocks.push(section(escaped(part.toWellFormed())));
  }
  return blocks;
}
/** Of a text in a section: escaping makes it up to five times as long where it is all signs, and is cut then. */
const PART = 2500;

const header = (text: string) => ({
  type: 'header',
  text: { type: 'plain_text', text: clipped(text, MOST_HEADER), emoji: false },
});
const section = (text: string) => ({ type: 'section', text: markdown(text, MOST_SECTION) });
const context = (text: string) => ({ type: 'context', elements: [markdown(escaped(text), MOST_SECTION)] });
const linkBlock = (link: string) => ({
  type: 'context',
  elements: [markdown(`<${escaped(link).replaceAll('|', '%7C')}|${LINK_TEXT}>`, MOST_SECTION)],
});
const markdown = (text: string, most: number) => ({ type: 'mrkdwn', text: clipped(text, most), verbatim: true });

/** Nobody is called by what stands in an alert. https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
