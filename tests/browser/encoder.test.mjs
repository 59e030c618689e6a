// A browser inflates what nicohort writes: whole numbers, others between them, and a mask.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { launch, open_page } from './browser.mjs';

const nicohort = join(process.env.NICOHORT_BUILD ?? new URL('../../build/release', import.meta.url).pathname, 'nicohort');
const SIZE = [64, 64, 40]; // two and a half of the encoder's blocks

/** A NIfTI-1 file of float32. */
function image(value_of) {
  const voxels = SIZE[0] * SIZE[1] * SIZE[2];
  const bytes = Buffer.alloc(352 + 4 * voxels);
  bytes.writeInt32LE(348, 0);
  [3, ...SIZE, 1, 1, 1, 1].forEach((value, i) => bytes.writeInt16LE(value, 40 + 2 * i));
  bytes.writeInt16LE(16, 70);
  bytes.writeInt16LE(32, 72);
  [1, 1, 1, 1, 1, 1, 1, 1].forEach((value, i) => bytes.writeFloatLE(value, 76 + 4 * i));
  bytes.writeFloatLE(352, 108);
  bytes.writeUInt8(2, 123);
  bytes.writeInt16LE(1, 254);
  [0, 1, 2].forEach((row) => bytes.writeFloatLE(1, 280 + 20 * row));
  bytes.write('n+1\0', 344, 'latin1');
  for (let i = 0; i < voxels; ++i) bytes.writeFloatLE(value_of(i), 352 + 4 * i);
  return bytes;
}

/** The same numbers each time, as noise has them. */
const noise = (i) => (Math.imul(i ^ (i >>> 7), 2654435761) >>> 22) - 900;

test('a browser gets the voxels that were written', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'nicohort-encoder-'));
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    rmSync(root, { recursive: true, force: true });
  });
  mkdirSync(join(root, 'archive'));
  writeFileSync(join(root, 'archive/whole.nii'), image(noise));
  writeFileSync(join(root, 'archive/odd.nii'), image((i) => noise(i) + (i === 70000 ? 0.5 : 0)));
  for (const pid of ['whole', 'odd']) writeFileSync(join(root, `archive/${pid}_mask.nii`), image((i) => +(i % 64 > 20 && i % 64 < 30)));
  writeFileSync(join(root, 'recipe.yaml'), 'volume: "{pid}.nii.gz"\nmask: "{pid}_mask.nii.gz"\nparts: {pid: "[a-z]+"}\nlabels: {0: Bg, 1: ROI}\n');
  execFileSync(nicohort, ['run', '--root_dir', root, '--recipe', join(root, 'recipe.yaml'), '--quiet']);
  const page = await open_page(browser);
  for (const name of ['whole_volume', 'odd_volume', 'whole_mask', 'whole_mask_01_ROI']) {
    const written = readFileSync(join(root, `grouped/${name.split('_')[0]}/${name}.nii.gz`));
    const inflated = await page.evaluate(async (base64) => {
      const gzip = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const stream = new Blob([gzip]).stream().pipeThrough(new DecompressionStream('gzip'));
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      let text = '';
      for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
      return btoa(text);
    }, written.toString('base64'));
    const bytes = Buffer.from(inflated, 'base64');
    assert.ok(bytes.equals(gunzipSync(written)), `${name}: a browser and zlib differ`);
    if (name.endsWith('_volume')) {
      const source = readFileSync(join(root, `archive/${name.split('_')[0]}.nii`));
      assert.ok(bytes.subarray(352).equals(source.subarray(352)), `${name}: other voxels than in the archive`);
    }
  }
  assert.deepEqual(page.wrong, []);
});
