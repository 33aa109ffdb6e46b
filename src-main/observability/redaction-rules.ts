/** What a secret looks like, and what holds the words of agents: by the name of a member, and by the form of a text. */

export const REMOVED = '[redacted]';
export const CONTENT = '[left out]';

const SECRET_NAME =
  /(pass(word|wd|phrase)?|pwd|secret([_-]?(key|box))?|token|authorization|cookie|credentials?|(api|access|private|signing|encryption|master)[_-]?key|login[_-]?code|connection[_-]?string|signature|jwt)s?$/i;
/** Numbers under such names are counts of language model tokens. */
const COUNT_NAME = /tokens$/i;

/**
 * What agents and people wrote, or what holds it: PostgreSQL quotes rows in `detail`, `where` and `internalQuery`, and
 * ioredis hangs the command with its arguments on the error.
 * https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
const CONTENT_NAME =
  /(^|[_-])(contents?|payload|body|messages|detail|where|parameters|params|args|arguments|input|query|text|prompt|rows?|values|embeddings?|vector|data|metadata|config)$/i;
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);
export const isCountName = (name: string): boolean => COUNT_NAME.test(name);
export const isContentName = (name: string): boolean => CONTENT_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));

/** By their form. In this order: what follows a scheme such as Bearer is gone before its name is looked at. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[^\s"',\\]+/gi, `$1 ${REMOVED}`],
  // Names of tables have no capital letters; a token without one would be a wonder.
  [/\barchon_(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43}/g, REMOVED],
  [/\bwhsec_[\w+/=-]+/g, REMOVED],
  [/\b(sk|pk|rk|xox[a-z]|gh[a-z]|glpat)[-_][\w-]{16,}/g, REMOVED],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REMOVED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?/g, REMOVED],
  // Whoever has such an address may post there.
  [
    /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/)[^\s"'<>]+/gi,
    `$1${REMOVED}`,
  ],
  [
    /([?&#](?:[\w.-]{0,40}(?:password|passwd|pwd|token|secret|key|signature|credential)|sig|auth|code)=)[^&\s"']+/gi,
    `$1${REMOVED}`,
  ],
  [
    /((?:password|passwd|pwd|passphrase|token|secret|authorization|api_?key|cookie)\\?["']?\s*[=:]\s*)(\\?"(?:[^"\\]|\\.)*\\?"|'[^']*'|[^\s,;&"'})\]]+)/gi,
    `$1${REMOVED}`,
  ],
  // PostgreSQL quotes a value it cannot read, whatever stands in it: nobody can tell where it ends.
  [
    /\b(invalid input [^":\n]{1,100}: |syntax error in ts\w{1,20}: |value out of range: |malformed \w{1,40} literal: )"[\s\S]*/g,
    `$1${CONTENT}`,
  ],
  // V8 quotes what it cannot parse.
  [/(?:\.{3})?"[\s\S]{0,120}?"(?:\.{3})? is not valid JSON/g, `${CONTENT} is not valid JSON`],
  // JSON as text, such as the issues of a schema.
  [/(\\?"(?:content|payload|body|input|text|prompt)\\?"\s*:\s*)\\?"(?:[^"\\]|\\[\s\S])*"?/gi, `$1"${CONTENT}"`],
];

/** What none of the forms can be without: looked for first, as most texts hold none of it. */
const SUSPICIOUS =
  /:\/\/|bearer|basic|archon_|whsec_|(sk|pk|rk|xox[a-z]|gh[a-z]|glpat)[-_]|eyJ|private key|pass|pwd|token|secret|authorization|key|cookie|(code|sig|auth)=|signature|credential|hooks\.slack|discord|invalid input|syntax error|out of range|malformed|not valid JSON|"\s*:/i;

/** Without what is a secret, or a quotation of contents, by its form. */
export function withoutForms(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let shown = withoutCredentials(text);
  for (const [form, instead] of FORMS) shown = shown.replace(form, instead);
  return shown;
}

/** Of URLs: all between the scheme and the last `@` of the word, as a password may hold any character but a space. */
function withoutCredentials(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(/\S+/g, (word) => {
    const scheme = word.indexOf('://');
    const at = word.lastIndexOf('@');
    return scheme < 0 || at < scheme ? word : `${word.slice(0, scheme + 3)}${REMOVED}${word.slice(at)}`;
  });
}

/** A secret as it may be written: as it is, and within JSON, addresses and forms, once or twice. */
export function waysToWrite(secret: string): string[] {
  const text = secret.toWellFormed();
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  const inUrl = encodeURIComponent(text);
  const inForm = new URLSearchParams([['', text]]).toString().slice(1);
  const inUrls = [inUrl, encodeURIComponent(inUrl), inForm];
  return [
    secret,
    text,
    inJson(text),
    inJson(inJson(text)),
    ...inUrls,
    ...inUrls.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
  ];
}
