/** A message could not be sent. It says why and what to do, and never holds a secret: it may be shown and logged. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';
  /** Trying again would fail as well: somebody has to change something first. */
  readonly is_lasting: boolean;
  /** When the other side wants to be tried again; null when it did not say. */
  readonly retry_after_ms: number | null;

  constructor(
    message: string,
    { secrets = [], is_lasting = false, retry_after_ms = null, ...options }: ErrorOptions & SendFailureOptions = {},
  ) {
    super(withoutSecrets(message, secrets), options);
    this.is_lasting = is_lasting;
    this.retry_after_ms = retry_after_ms;
  }
}

interface SendFailureOptions {
  /** Values that the other side may have repeated in its answer. */
  secrets?: readonly (string | null)[];
  is_lasting?: boolean;
  retry_after_ms?: number | null;
}

const SHOWN_LENGTH = 200;
/** Characters of a secret that is looked for: fewer stand in any text. */
const LEAST_SECRET = 4;
const HIDDEN = '********';

/** What another server said, on one line and not much of it. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH).toWellFormed()}…` : line;
}

/** What is left of a secret at the end of a quotation that was cut off counts too. */
export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  const known = secrets.filter((secret): secret is string => secret !== null && secret.length >= LEAST_SECRET);
  const encoded = known
    .flatMap(insideBase64)
    .reduce(
      (shown, inside) => shown.replaceAll(new RegExp(`[\\w+/-]*${escaped(inside)}[\\w+/=-]*`, 'g'), HIDDEN),
      text,
    );
  // Also as it is in an URL or in JSON.
  return known
    .flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)])
    .sort((a, b) => b.length - a.length)
    .reduce((shown, form) => withoutCut(shown.replaceAll(form, HIDDEN), form), encoded);
}

function withoutCut(text: string, form: string): string {
  if (!text.includes('…')) return text;
  for (let length = form.length - 1; length >= LEAST_SECRET; length -= 1) {
    const cut = `${form.slice(0, length)}…`;
    if (text.includes(cut)) return text.replaceAll(cut, `${HIDDEN}…`);
  }
  return text;
}

/**
 * What is the same of it in base64, whatever stands before: a mail server is sent the user and the password as one text.
 * Less than a few characters of that stand in any text.
 */
function insideBase64(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const parts = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((before * 8) / 6), whole);
  });
  return parts.filter((part) => part.length >= LEAST_SECRET);
}

const escaped = (text: string): string => text.replaceAll(/[+/]/g, '\\$&');
