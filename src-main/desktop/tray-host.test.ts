import { describe, expect, it } from 'vitest';
import { trayHost } from './tray-host.ts';

const answering = (answer: string | undefined) => async () => answer;

describe('whether the desktop shows tray icons', () => {
  it('is asked on Linux only', async () => {
    const nobody = async (): Promise<string> => {
      throw new Error('asked');
    };
    expect(await trayHost('darwin', nobody)).toBe('there');
    expect(await trayHost('win32', nobody)).toBe('there');
  });

  it('is what the session bus says', async () => {
    expect(await trayHost('linux', answering('   boolean true\n'))).toBe('there');
    expect(await trayHost('linux', answering('   boolean false\n'))).toBe('missing');
  });

  it('is not known where the bus cannot be asked', async () => {
    expect(await trayHost('linux', answering(undefined))).toBe('unknown');
  });
});
