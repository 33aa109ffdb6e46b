/** A message could not be sent. It says why and what to do, and never holds a secret: it may be shown and logged. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';

  /** @param secrets values that the other side may have repeated in its answer */
  constructor(
    message: string,
    { secrets = [], ...options }: ErrorOptions & { secrets?: readonly (string | null)[] } = {},
  ) {
    super(withoutSecrets(message, secrets), options);
  }
}

const SHOWN_LENGTH = 200;
/** Characters of a secret that is looked for: fewer stand in any text. */
const LEAST_SECRET = 4;

/** What another server said, on one line and not much of it. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH).toWellFormed()}…` : line;
}

export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  // Also as it is in an URL, and as it is sent to a mail server.
  const forms = secrets.flatMap((secret) =>
    secret === null || secret.length < LEAST_SECRET
      ? []
      : [secret, encodeURIComponent(secret.toWellFormed()), Buffer.from(secret, 'utf8').toString('base64')],
  );
  return forms.sort((a, b) => b.length - a.length).reduce((shown, form) => shown.replaceAll(form, '********'), text);
}
