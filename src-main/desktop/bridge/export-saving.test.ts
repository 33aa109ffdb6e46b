import { describe, expect, it } from 'vitest';
import { showFile } from './export-saving.ts';

describe('showing a file', () => {
  // Windows takes either slash, in any mixture.
  it.each(['\\\\server\\share\\x', '//server/share/x', '/\\server\\share\\x', '\\/server/share/x', 'x', ''])(
    'refuses %j, which may lie on another computer',
    async (path) => {
      const shown: string[] = [];
      const shell = { showItemInFolder: (file: string) => void shown.push(file) };
      await expect(showFile(shell, path)).rejects.toThrow('That is no file of this computer.');
      expect(shown).toEqual([]);
    },
  );

  it('shows one that is there', async () => {
    const shown: string[] = [];
    await showFile({ showItemInFolder: (file: string) => void shown.push(file) }, import.meta.filename);
    expect(shown).toEqual([import.meta.filename]);
  });
});
