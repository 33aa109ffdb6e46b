/** The icon of the tray, drawn: a violet disc with a dot in the colour of the status. */
import { crc32, deflateSync } from 'node:zlib';
import type { DeepHealth } from '../../src-contract/index.ts';

export type TrayStatus = DeepHealth['status'] | 'starting';

type Colour = readonly [red: number, green: number, blue: number];
const DISC: Colour = [139, 92, 246];
const STATUS_COLOURS: Record<TrayStatus, Colour> = {
  starting: [161, 161, 170],
  healthy: [34, 197, 94],
  degraded: [234, 179, 8],
  unhealthy: [239, 68, 68],
};

/** A PNG of `size` × `size` pixels. */
export function trayIcon(status: TrayStatus, size: number): Buffer {
  const disc = circle(size * 0.46, size * 0.46, size * 0.44);
  const gap = circle(size * 0.74, size * 0.74, size * 0.31);
  const dot = circle(size * 0.74, size * 0.74, size * 0.23);
  const rows: Buffer[] = [];
  for (let y = 0; y < size; y += 1) {
    const row = Buffer.alloc(1 + size * 4);
    for (let x = 0; x < size; x += 1) {
      const inDot = dot(x, y);
      const colour = inDot > 0 ? STATUS_COLOURS[status] : DISC;
      const alpha = Math.max(inDot, disc(x, y) * (1 - gap(x, y)));
      row.set([...colour, Math.round(alpha * 255)], 1 + x * 4);
    }
    rows.push(row);
  }
  return png(size, Buffer.concat(rows));
}

/** How much of a pixel lies in the circle, 0–1: its edge is one pixel soft. */
function circle(cx: number, cy: number, radius: number): (x: number, y: number) => number {
  return (x, y) => Math.min(Math.max(radius - Math.hypot(x + 0.5 - cx, y + 0.5 - cy) + 0.5, 0), 1);
}

/** 8-bit RGBA. https://www.w3.org/TR/png-3/ */
function png(size: number, scanlines: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanlines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
