import { deflateSync, gzipSync } from 'node:zlib';

// The checksum of PNG, which gzip puts at its end too: node has a function of its own for it only from version 20.15.
const crc32 = (data) => gzipSync(data, { level: 0 }).subarray(-8).readUInt32LE();

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A PNG file of 8-bit RGB pixels, row by row from the top. */
export function png(width, height, rgb) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // bits, RGB, the only compression, filter and no interlace
  const rows = Buffer.alloc(height * (1 + 3 * width)); // each row begins with its filter: 0, none
  for (let y = 0; y < height; y++) rows.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), y * (1 + 3 * width) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 3 })), chunk('IEND', Buffer.alloc(0)),
  ]);
}
