/** Sends a text to a channel of Slack by its incoming webhook, whose URL is a secret as a whole. */
import { SendFailure } from './send-failure.ts';
import { type PostOptions, post, secretsOfUrl } from './webhook.ts';

/** What Slack answers instead of a message, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const WORDS: Partial<Record<string, string>> = {
  no_service: 'The webhook was removed or switched off in Slack: make another one.',
  no_service_id: 'The URL is not whole: copy it from Slack again.',
  no_team: 'The workspace of the webhook is not there any more: make another one.',
  team_disabled: 'The workspace of the webhook was closed: make another one.',
  invalid_token: 'The URL is not whole, or the webhook was revoked: copy it from Slack again.',
  action_prohibited: 'An administrator of the workspace does not allow it: ask there.',
  channel_not_found: 'The channel of the webhook is not there any more: make another one.',
  channel_is_archived: 'The channel of the webhook was archived: make another one.',
};

/** Blocks are shown where they can be, the text in notifications of the system and everywhere else. */
export interface SlackMessage {
  text: string;
  blocks?: readonly object[];
}

/** @throws SendFailure unless Slack took it within the time */
export async function sendToSlack(url: string, message: SlackMessage, options: PostOptions): Promise<void> {
  // Of the URL its path lets in whoever knows it.
  const secrets = [
    ...secretsOfUrl(url),
    URL.canParse(url) ? new URL(url).pathname.replace(/^\/(services\/)?/, '') : null,
  ];
  try {
    await post(url, JSON.stringify(message), { ...options, secrets });
  } catch (error) {
    const code = error instanceof SendFailure ? /It said: (\w+)$/.exec(error.message)?.[1] : undefined;
    const words = code === undefined ? undefined : WORDS[code];
    if (words === undefined) throw error;
    throw new SendFailure(`${words} (${code})`, { secrets, is_lasting: true, cause: error });
  }
}
