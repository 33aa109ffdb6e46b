/**
 * A message as HTML for mails: styles beside the elements, as mail programs drop others, tables for what is side by side,
 * and colours that can be read on white and, where a program turns them round, on black.
 */
import { factsOf, LINK_TEXT, type Message, MOST_TOLD, stateWords, TEST_TEXT, type ToldAlert } from './message.ts';

const COLOURS = { low: '#737b87', medium: '#b86a00', high: '#d9480f', critical: '#dc2626', resolved: '#178a43' };
const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

export function htmlMail(message: Message): string {
  if (message.kind === 'report') return message.html;
  const body =
    message.kind === 'test' ? paragraph(TEST_TEXT) + small(`Channel: ${message.channel}`) : alertsHtml(message);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
    '<meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(message.subject)}</title></head>`,
    `<body style="margin:0;padding:24px;${FONT};font-size:14px;line-height:1.5">`,
    `<div style="max-width:640px;margin:0 auto">${body}`,
    small('Sent by the ops agent of Archon. Who is told of what is set under Ops agent → Channels.'),
    '</div></body></html>',
  ].join('');
}

function alertsHtml({ alerts }: Extract<Message, { kind: 'alerts' }>): string {
  const more = alerts.length - MOST_TOLD;
  return (
    alerts.slice(0, MOST_TOLD).map(alertHtml).join('') + (more > 0 ? paragraph(`And ${more} more: see Archon.`) : '')
  );
}

function alertHtml(told: ToldAlert): string {
  const { alert, about } = told;
  const colour = COLOURS[about === 'resolved' ? 'resolved' : alert.severity];
  const rows = factsOf(told).map(
    ([name, value]) =>
      `<tr><td style="padding:1px 16px 1px 0;color:#737b87;white-space:nowrap;vertical-align:top">${escapeHtml(name)}</td>` +
      `<td style="padding:1px 0;word-break:break-word">${escapeHtml(value)}</td></tr>`,
  );
  return [
    `<div style="border-left:4px solid ${colour};padding:2px 0 2px 14px;margin:0 0 22px">`,
    `<div style="color:${colour};font-size:12px;font-weight:600;text-transform:uppercase;letter-spacing:.04em">`,
    `${escapeHtml(stateWords(told))}</div>`,
    `<div style="font-size:16px;font-weight:600;margin:2px 0 8px">${escapeHtml(alert.summary)}</div>`,
    `<table role="presentation" cellpadding="0" cellspacing="0" style="font-size:13px">${rows.join('')}</table>`,
    alert.cause === null ? '' : paragraph(`Cause: ${alert.cause}`),
    alert.advice === null || about === 'resolved' ? '' : paragraph(`What to do: ${alert.advice}`),
    told.link === undefined ? '' : linkHtml(told.link),
    '</div>',
  ].join('');
}

const linkHtml = (link: string): string =>
  `<p style="margin:8px 0 0"><a href="${escapeHtml(link)}" style="color:#7c3aed">${LINK_TEXT}</a></p>`;
const paragraph = (text: string): string => `<p style="margin:8px 0 0">${withBreaks(escapeHtml(text))}</p>`;
const small = (text: string): string =>
  `<p style="margin:20px 0 0;font-size:12px;color:#737b87">${escapeHtml(text)}</p>`;
const withBreaks = (html: string): string => html.replaceAll('\n', '<br>');

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? one);
