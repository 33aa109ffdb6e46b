/**
 * Cuts SQL text into statements, far enough to know what kind each is.
 *
 * The one backend is shared by all sessions, so the server has to know LISTEN (whose channel is it?) and the statements
 * whose effect would leak into other sessions. It needs the first words of every statement, not a grammar.
 * Lexical rules: https://www.postgresql.org/docs/18/sql-syntax-lexical.html
 */

/** One statement without leading blanks and comments, and without its semicolon. Never empty. */
export type Statement = string;

export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let at = 0;
  const finish = () => {
    const statement = sql.slice(skipBlanks(sql, start), at).trim();
    if (statement !== '') statements.push(statement);
  };
  while (at < sql.length) {
    if (sql[at] === ';') {
      finish();
      at += 1;
      start = at;
    } else {
      at = skipToken(sql, at);
    }
  }
  finish();
  return statements;
}

/** The first `count` words, lower case. Words are what is between blanks and comments. */
export function leadingWords(statement: Statement, count: number): string[] {
  const words: string[] = [];
  let at = 0;
  while (words.length < count) {
    at = skipBlanks(statement, at);
    const word = /^[a-z_][a-z0-9_$]*/i.exec(statement.slice(at, at + 64))?.[0];
    if (!word) break;
    words.push(word.toLowerCase());
    at += word.length;
  }
  return words;
}

/** What follows the first word. */
export function afterFirstWord(statement: Statement): string {
  const word = /^[a-z_][a-z0-9_$]*/i.exec(statement)?.[0] ?? '';
  return statement.slice(skipBlanks(statement, word.length));
}

/** The end of the token at `at`; only tokens that may hide a semicolon are longer than one character. */
function skipToken(sql: string, at: number): number {
  switch (sql[at]) {
    case "'":
      return skipQuoted(sql, at, "'", isEscapeString(sql, at));
    case '"':
      return skipQuoted(sql, at, '"', false);
    case '$':
      return skipDollarQuoted(sql, at);
    case '-':
    case '/': {
      const after = skipComment(sql, at);
      return after === at ? at + 1 : after;
    }
    default:
      return at + 1;
  }
}

/** E'…' takes backslash escapes; a plain '…' does not (standard_conforming_strings is on). */
function isEscapeString(sql: string, quote: number): boolean {
  return /(^|[^a-z0-9_$])e$/i.test(sql.slice(Math.max(0, quote - 2), quote));
}

function skipQuoted(sql: string, open: number, quote: string, escapes: boolean): number {
  let at = open + 1;
  while (at < sql.length) {
    if (escapes && sql[at] === '\\') at += 2;
    else if (sql[at] !== quote) at += 1;
    else if (sql[at + 1] === quote) at += 2;
    else return at + 1;
  }
  return sql.length;
}

function skipDollarQuoted(sql: string, open: number): number {
  const before = sql[open - 1] ?? ' ';
  const tag = /^\$([a-z_\u0080-\uffff][a-z0-9_\u0080-\uffff]*)?\$/i.exec(sql.slice(open, open + 66))?.[0];
  if (!tag || /[a-z0-9_$\u0080-\uffff]/i.test(before)) return open + 1;
  const close = sql.indexOf(tag, open + tag.length);
  return close === -1 ? sql.length : close + tag.length;
}

function skipBlanks(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const after = /\s/.test(sql[at] ?? '') ? at + 1 : skipComment(sql, at);
    if (after === at) return at;
    at = after;
  }
}

/** The end of the comment at `at`, or `at` when there is none. Block comments nest. */
function skipComment(sql: string, at: number): number {
  if (sql.startsWith('--', at)) {
    const end = sql.indexOf('\n', at);
    return end === -1 ? sql.length : end + 1;
  }
  if (!sql.startsWith('/*', at)) return at;
  let depth = 0;
  let here = at;
  while (here < sql.length) {
    if (sql.startsWith('/*', here)) {
      depth += 1;
      here += 2;
    } else if (sql.startsWith('*/', here)) {
      depth -= 1;
      here += 2;
      if (depth === 0) return here;
    } else {
      here += 1;
    }
  }
  return sql.length;
}
