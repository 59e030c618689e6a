import { gzipSync } from 'node:zlib';

const types = { int16: [4, 16, Int16Array], uint8: [2, 8, Uint8Array], float32: [16, 32, Float32Array] };

/** A NIfTI-1 file, gzipped: `values` with x fastest; `affine` three rows of four numbers, index to mm. */
export function nifti([nx, ny, nz], [dx, dy, dz], affine, type, values) {
  const [code, bits, Values] = types[type];
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  [3, nx, ny, nz, 1, 1, 1, 1].forEach((n, i) => header.writeInt16LE(n, 40 + 2 * i));
  header.writeInt16LE(code, 70);
  header.writeInt16LE(bits, 72);
  [1, dx, dy, dz].forEach((d, i) => header.writeFloatLE(d, 76 + 4 * i));
  header.writeFloatLE(352, 108); // where the voxels begin
  header.writeFloatLE(1, 112); // slope
  header.writeInt8(2, 123); // mm
  header.writeInt16LE(2, 254); // the affine counts
  affine.flat().forEach((a, i) => header.writeFloatLE(a, 280 + 4 * i));
  header.write('n+1', 344, 'latin1');
  return gzipSync(Buffer.concat([header, Buffer.from(Values.from(values).buffer)]));
}
