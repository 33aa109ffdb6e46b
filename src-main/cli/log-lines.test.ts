import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { readableLogLine } from './log-lines.ts';

const TIME = /^\d\d:\d\d:\d\d {2}/;

function lineOf(log: (logger: pino.Logger) => void, options = { colour: false, stacks: false }): string {
  const lines: string[] = [];
  const logger = pino({ level: 'trace', redact: ['token'] }, { write: (json: string) => void lines.push(json) });
  log(logger);
  return readableLogLine(lines.join(''), options);
}

describe('the log on a terminal', () => {
  it('is a line with the time, the level, the message and the facts', () => {
    const line = lineOf((logger) => logger.info({ server_version: '18.1', startup_ms: 450 }, 'database is running'));
    expect(line).toMatch(TIME);
    expect(line.replace(TIME, '')).toBe('info   database is running  server_version=18.1 startup_ms=450\n');
  });

  it('says an error by its message and that of its cause, with the stack only where it was asked for', () => {
    const error = new Error('it did not answer', { cause: new Error('connect ECONNREFUSED') });
    const log = (logger: pino.Logger) => logger.error({ err: error, component: 'redis' }, 'sessions are away');
    const line = lineOf(log).replace(TIME, '');
    expect(line).toBe('error  sessions are away: it did not answer: connect ECONNREFUSED  component=redis\n');
    expect(lineOf(log, { colour: false, stacks: true })).toContain('log-lines.test.ts');
    expect(lineOf((logger) => logger.error(new Error('once is enough'))).replace(TIME, '')).toBe(
      'error  once is enough\n',
    );
  });

  it('keeps secrets out as the log itself does, shortens what is long, and lets nothing steer the terminal', () => {
    const line = lineOf((logger) =>
      logger.warn({ token: 'archon_x', list: ['x'.repeat(500)] }, 'odd \u001b[31mtext\u0007'),
    );
    expect(line).toContain('token=[Redacted]');
    expect(line).toContain('odd text');
    expect(line).not.toContain('\u001b');
    expect(line.length).toBeLessThan(200);
  });

  it('is coloured where colour is wanted, and leaves lines that are not of the log alone', () => {
    expect(lineOf((logger) => logger.warn('careful'), { colour: true, stacks: false })).toContain('\u001b[33mwarn');
    expect(readableLogLine('plain text\n', { colour: false, stacks: false })).toBe('plain text\n');
  });
});
