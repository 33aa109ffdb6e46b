import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { trayIcon } from './tray-icon.ts';

function pixels(png: Buffer): { size: number; at(x: number, y: number): number[] } {
  const size = png.readUInt32BE(16);
  const length = png.readUInt32BE(33);
  const data = png.subarray(41, 41 + length);
  expect(png.readUInt32BE(41 + length)).toBe(crc32(png.subarray(37, 41 + length)));
  const rows = inflateSync(data);
  return { size, at: (x, y) => [...rows.subarray(y * (1 + size * 4) + 1 + x * 4).subarray(0, 4)] };
}

describe('the icon of the tray', () => {
  it('shows the status by the colour of its dot, on a transparent ground', () => {
    const healthy = pixels(trayIcon('healthy', 32));
    const unhealthy = pixels(trayIcon('unhealthy', 32));
    expect(healthy.size).toBe(32);
    expect(healthy.at(23, 23)).toEqual([34, 197, 94, 255]);
    expect(unhealthy.at(23, 23)).toEqual([239, 68, 68, 255]);
    expect(healthy.at(10, 10)).toEqual([139, 92, 246, 255]);
    expect(healthy.at(31, 0)[3]).toBe(0);
  });
});
