// Makes pictures of screens small: 256 colours are enough for a page of text, and take a third of the bytes.
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_COLOURS = 256;
const FREQUENT = 192;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Of each pixel, one row after the other: 0xRRGGBB. */
  readonly colours: Uint32Array;
}

/** @param png 8 bits a channel, RGB or RGBA, not interlaced, as browsers write them */
export function shrinkPng(png: Buffer): Buffer {
  const { width, height, colours } = readPixels(png);
  const palette = choosePalette(colours);
  const nearest = new Map(palette.map((colour, index) => [colour, index]));
  const rows = Buffer.alloc(height * (width + 1));
  for (const [position, colour] of colours.entries()) {
    let index = nearest.get(colour);
    if (index === undefined) {
      index = palette.indexOf(nearestOf(palette, colour));
      nearest.set(colour, index);
    }
    rows[Math.floor(position / width) * (width + 1) + 1 + (position % width)] = index;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap((colour) => [...channels(colour)]))),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function readPixels(png: Buffer): Pixels {
  const data: Buffer[] = [];
  let [width, height, bytes] = [0, 0, 3];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const content = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR")
      [width, height, bytes] = [content.readUInt32BE(0), content.readUInt32BE(4), content[9] === 6 ? 4 : 3];
    if (type === "IDAT") data.push(content);
    at += 12 + length;
  }
  const plain = withoutFilters(inflateSync(Buffer.concat(data)), width * bytes, height, bytes);
  const colours = new Uint32Array(width * height);
  for (let index = 0; index < colours.length; index++) colours[index] = plain.readUIntBE(index * bytes, 3);
  return { width, height, colours };
}

/** PNG, 9.2: each byte stands as its difference from what a filter foretells of it. */
function withoutFilters(rows: Buffer, stride: number, height: number, bytes: number): Buffer {
  const plain = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < bytes ? 0 : (plain[at - bytes] ?? 0);
      const above = y === 0 ? 0 : (plain[at - stride] ?? 0);
      const corner = x < bytes || y === 0 ? 0 : (plain[at - stride - bytes] ?? 0);
      const foretold = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0;
      plain[at] = ((rows[y * (stride + 1) + 1 + x] ?? 0) + foretold) & 255;
    }
  }
  return plain;
}

function paeth(left: number, above: number, corner: number): number {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

/** The most frequent, and of the rare ones those that are least like any of them: a small icon keeps its colour. */
function choosePalette(colours: Uint32Array): readonly number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const all = [...counts.entries()].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = all.slice(0, FREQUENT);
  const rare = all.slice(FREQUENT).map((colour) => ({ colour, apart: distanceOf(colour, nearestOf(palette, colour)) }));
  while (palette.length < MAX_COLOURS && rare.length > 0) {
    const next = rare.reduce((best, one) => (one.apart > best.apart ? one : best));
    palette.push(next.colour);
    for (const one of rare) one.apart = Math.min(one.apart, distanceOf(one.colour, next.colour));
    if (next.apart === 0) break;
  }
  return palette;
}

function nearestOf(palette: readonly number[], colour: number): number {
  return palette.reduce((best, one) => (distanceOf(one, colour) < distanceOf(best, colour) ? one : best));
}

function distanceOf(one: number, other: number): number {
  const [red, green, blue] = channels(other);
  return channels(one).reduce((sum, value, index) => sum + (value - ([red, green, blue][index] ?? 0)) ** 2, 0);
}

function channels(colour: number): readonly [red: number, green: number, blue: number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
