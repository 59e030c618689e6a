// ITK opens what nicohort writes, also of images with shear, whose sform it refuses; no browser is needed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const web = process.env.NICOHORT_WEB ?? new URL('../../web', import.meta.url).pathname;
const nicohort = join(process.env.NICOHORT_BUILD ?? new URL('../../build/release', import.meta.url).pathname, 'nicohort');
const packages = createRequire(join(web, 'package.json'));
const { niftiReadImageNode } = await import(pathToFileURL(packages.resolve('@itk-wasm/image-io')).href);

const SIZE = [5, 4, 3];

/** A NIfTI-1 file of int16 with this sform and no qform. */
function image(affine, first) {
  const bytes = Buffer.alloc(352 + 2 * 60);
  bytes.writeInt32LE(348, 0);
  [3, ...SIZE, 1, 1, 1, 1].forEach((value, i) => bytes.writeInt16LE(value, 40 + 2 * i));
  bytes.writeInt16LE(4, 70);
  bytes.writeInt16LE(16, 72);
  const lengths = [0, 1, 2].map((column) => Math.hypot(...affine.map((row) => row[column])));
  [1, ...lengths, 1, 1, 1, 1].forEach((value, i) => bytes.writeFloatLE(value, 76 + 4 * i));
  bytes.writeFloatLE(352, 108);
  bytes.writeUInt8(2, 123);
  bytes.writeInt16LE(1, 254);
  affine.flat().forEach((value, i) => bytes.writeFloatLE(value, 280 + 4 * i));
  bytes.write('n+1\0', 344, 'latin1');
  for (let i = 0; i < 60; ++i) bytes.writeInt16LE(first + i, 352 + 2 * i);
  return bytes;
}

/** An oblique affine whose slices are shifted along y by so much of their distance. */
function sheared(shear) {
  const [c, s] = [Math.cos(0.1), Math.sin(0.1)];
  return [[-0.8 * c, -0.8 * s, 0, 10], [-0.8 * s, 0.8 * c, 5 * shear, -5], [0, 0, 5, 2]];
}

const SHEARS = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, Math.tan(Math.PI / 9)];

/** ITK's result; it has none of what it refuses. */
const opened = (path) => niftiReadImageNode(path).catch(() => undefined);

test('ITK opens an image with shear as nicohort writes it', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'nicohort-itk-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'archive'));
  SHEARS.forEach((shear, i) => writeFileSync(join(root, `archive/${i}.nii`), image(sheared(shear), 100 * i)));
  writeFileSync(join(root, 'recipe.yaml'), 'volume: "{pid}.nii.gz"\n');
  execFileSync(nicohort, ['run', '--root_dir', root, '--recipe', join(root, 'recipe.yaml'), '--quiet']);
  assert.deepEqual(readdirSync(join(root, 'grouped')).filter((name) => /^\d$/.test(name)).length, SHEARS.length);
  const log = t.mock.method(console, 'error', () => {}); // ITK says on it what it refuses
  assert.equal(await opened(join(root, `archive/${SHEARS.length - 1}.nii`)), undefined, 'else this test shows nothing');
  log.mock.restore();
  for (const [i, shear] of SHEARS.entries()) {
    const { couldRead, image: read } = (await opened(join(root, `grouped/${i}/${i}_volume.nii.gz`))) ?? {};
    assert.ok(couldRead, `shear ${shear}`);
    assert.deepEqual(read.size, SIZE);
    assert.deepEqual([...read.data], Array.from({ length: 60 }, (_, k) => 100 * i + k), `voxels, shear ${shear}`);
    // Its axes are at right angles, its spacing is that of the columns, and it lies where the source lies but for the shear.
    const affine = sheared(shear);
    const column = (k) => [0, 1, 2].map((row) => read.direction[3 * row + k]);
    const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]]) assert.ok(Math.abs(dot(column(a), column(b))) < 1e-5, `${dot(column(a), column(b))}, shear ${shear}`);
    for (let k = 0; k < 3; ++k) {
      const length = Math.hypot(...affine.map((row) => row[k]));
      assert.ok(Math.abs(read.spacing[k] - length) < 1e-5 * length);
      const unit = affine.map((row, axis) => (row[k] / length) * (axis < 2 ? -1 : 1)); // ITK's world is LPS
      assert.ok(dot(column(k), unit) > Math.cos(Math.atan(shear) / 2) - 1e-4, `axis ${k}, shear ${shear}: half of it each`);
    }
    [-10, 5, 2].forEach((value, axis) => assert.ok(Math.abs(read.origin[axis] - value) < 1e-5));
  }
});
