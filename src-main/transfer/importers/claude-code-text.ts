/**
 * What a person typed into Claude Code, without what the program put around it.
 *
 * Claude Code writes reminders, recalled files, hook output and the output of local commands into the text of user
 * messages, in tags. That text was never said by the person; remembering it would feed the agent its own words again.
 */

/** Tags whose content the program wrote. */
const INJECTED_TAGS = [
  'system-reminder',
  'user-prompt-submit-hook',
  'task-notification',
  'ide_opened_file',
  'ide_selection',
  'ide_diagnostics',
  'local-command-caveat',
  'local-command-stdout',
  'local-command-stderr',
  'bash-stdout',
  'bash-stderr',
  'command-message',
] as const;

const COMMAND_NAME = 'command-name';
const COMMAND_ARGS = 'command-args';
const BASH_INPUT = 'bash-input';

/** Notes of the program in the place of a message. */
const NOTES = /^\[Request interrupted by user[^\]]*\]$/;

/** The person's own words; empty when there are none. */
export function typedText(raw: string): string {
  let text = raw;
  for (const tag of INJECTED_TAGS) text = withoutTag(text, tag, () => '');
  // A slash command is kept with its arguments, which are the person's words; without any it says nothing.
  let args = '';
  text = withoutTag(text, COMMAND_ARGS, (inner) => {
    args = inner.trim();
    return '';
  });
  text = withoutTag(text, COMMAND_NAME, (inner) => (args === '' ? '' : `${inner.trim()} ${args}`));
  text = withoutTag(text, BASH_INPUT, (inner) => `! ${inner.trim()}`);
  text = text.trim();
  return NOTES.test(text) ? '' : text;
}

/**
 * Replaces every `<tag>…</tag>`; a tag that is never closed stays, for then it is what the person wrote about.
 *
 * By searching, not by a pattern: a lazy pattern over a hostile text of many opening tags takes quadratic time.
 */
function withoutTag(text: string, tag: string, replace: (inner: string) => string): string {
  const opening = `<${tag}>`;
  const closing = `</${tag}>`;
  let begin = text.indexOf(opening);
  if (begin === -1) return text;
  const kept: string[] = [];
  let done = 0;
  while (begin !== -1) {
    const end = text.indexOf(closing, begin);
    if (end === -1) break;
    kept.push(text.slice(done, begin), replace(text.slice(begin + opening.length, end)));
    done = end + closing.length;
    begin = text.indexOf(opening, done);
  }
  return kept.join('') + text.slice(done);
}
