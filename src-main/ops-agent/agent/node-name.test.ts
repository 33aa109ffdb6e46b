import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { hostOf, nodeName } from './node-name.ts';

const logger = pino({ level: 'silent' });

class Kept {
  readonly values = new Map<string, string>();
  getSetting = (key: string): string | undefined => this.values.get(key);
  setSetting = (key: string, value: string): void => {
    this.values.set(key, value);
  };
}

const server = { data_dir: '/srv/archon', kind: 'server', logger, host: 'db-1' };

describe('the name of a node', () => {
  it('is the same after each start', () => {
    const history = new Kept();
    const name = nodeName({ ...server, history });
    expect(name).toMatch(/^db-1:server-[0-9a-f]{4}$/);
    expect(nodeName({ ...server, history })).toBe(name);
  });

  it('is another for a copy of the data folder, and for one on another host of the same name', () => {
    const history = new Kept();
    const name = nodeName({ ...server, history });
    expect(nodeName({ ...server, history, data_dir: '/srv/copy' })).not.toBe(name);
    // One of 65,536 has the same four digits.
    const others = [new Kept(), new Kept(), new Kept()].map((other) => nodeName({ ...server, history: other }));
    expect(others.every((other) => other === name)).toBe(false);
  });

  it('stays the same while it cannot be noted', () => {
    const broken = {
      getSetting: (): string | undefined => {
        throw new Error('database is locked');
      },
      setSetting: () => {},
    };
    const name = nodeName({ ...server, history: broken });
    expect(nodeName({ ...server, history: broken })).toBe(name);
  });

  it('tells the host', () => {
    expect(hostOf('db-1:server-3fa2')).toBe('db-1');
    expect(hostOf('fe80::1:ops-3fa2')).toBe('fe80::1');
  });
});
