// Where the viewer's crosshair is, in volumes of every orientation: told by the value of the voxel under it, which no
// two voxels share. Needs `npm ci && npm run build` in web/ (or in the copy of it that NICOHORT_WEB names).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nifti } from '../../web/mock/nifti.mjs';
import { serve } from '../../web/mock/serve.mjs';
import { drawn, empty, launch, open_page, web } from './browser.mjs';

const size = [14, 10, 6], spacing = [0.8, 1.5, 5];
const value_of = ([x, y, z]) => x + 20 * y + 400 * z;
const block = [[8, 11], [2, 5], [1, 3]]; // first and last voxel of the mask along each axis
const middle = block.map(([from, to]) => (from + to) / 2);

/** Columns of a matrix, turned about an axis of the world by degrees. */
function turned(columns, axis, degrees) {
  const [i, j] = [0, 1, 2].filter((other) => other !== axis);
  const [c, s] = [Math.cos(degrees * Math.PI / 180), Math.sin(degrees * Math.PI / 180)];
  return columns.map((column) => column.map((v, row) => (row === i ? c * column[i] - s * column[j] : row === j ? s * column[i] + c * column[j] : v)));
}

/** The directions of the voxel axes that these letters name, each the side that it runs to. */
const directions = (letters) => [...letters].map((letter) => {
  const axis = ['LR', 'PA', 'IS'].findIndex((sides) => sides.includes(letter));
  return [0, 1, 2].map((row) => (row === axis ? ('RAS'.includes(letter) ? 1 : -1) : 0));
});

function affine_of(columns) {
  const scaled = columns.map((column, axis) => column.map((v) => v * spacing[axis]));
  return [0, 1, 2].map((row) => [...scaled.map((column) => column[row]), [31, -47, 120][row]]);
}

// A gantry that is tilted: the slices lie straight, and each is moved against the one below.
function sheared(columns, degrees) {
  const s = Math.tan(degrees * Math.PI / 180);
  const tilted = columns[2].map((v, row) => v + s * columns[1][row]);
  return [columns[0], columns[1], tilted.map((v) => v / Math.hypot(1, s))];
}

const orientations = {
  RAS: directions('RAS'), LAS: directions('LAS'), LPS: directions('LPS'),
  PIR: directions('PIR'), ASL: directions('ASL'), SRA: directions('SRA'), IPL: directions('IPL'), SAL: directions('SAL'),
  'LPS turned by 20° about one axis': turned(directions('LPS'), 0, 20),
  'RAS turned by 30° and 25° about two': turned(turned(directions('RAS'), 2, 30), 0, 25),
  'PIR turned by 30°': turned(directions('PIR'), 1, -30),
  'a gantry tilted by 22°': sheared(directions('LPS'), 22),
  'a tilted gantry of other axes': sheared(directions('ARS'), -15),
};

/** What the samples of the viewer are: volume, mask, and regions at some voxels. */
function sample(columns) {
  const affine = affine_of(columns);
  const voxels = [];
  for (let z = 0; z < size[2]; z++) for (let y = 0; y < size[1]; y++) for (let x = 0; x < size[0]; x++) voxels.push([x, y, z]);
  const inside = (voxel) => voxel.every((v, axis) => block[axis][0] <= v && v <= block[axis][1]);
  const file = (type, values) => nifti(size, spacing, affine, type, values);
  const region = ([x, y, z], voxels) => {
    const [x_mm, y_mm, z_mm] = affine.map((row) => row[0] * x + row[1] * y + row[2] * z + row[3]);
    return { label: 1, name: 'ROI', voxels, volume_mm3: 6 * voxels, x, y, z, x_mm, y_mm, z_mm, when: 'after' };
  };
  const regions = [[0, 0, 0], [13, 0, 5], [3, 9, 2], [12, 6, 4]].map((voxel, i) => region(voxel, 9 - i));
  return { images: { volume: file('float32', voxels.map(value_of)), after: file('uint8', voxels.map((voxel) => (inside(voxel) ? 1 : 0))) }, info: () => ({ regions }), regions };
}

const samples = Object.fromEntries(Object.entries(orientations).map(([name, columns]) => [name, sample(columns)]));
let browser, page, server;
before(async () => {
  browser = await launch();
  page = await open_page(browser, { viewport: { width: 900, height: 500 } });
  server = await serve(join(web, 'dist'), 0, { unit: null, window: null }, samples);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** What stands below the picture: world mm, and the value there. */
async function place() {
  const text = await page.locator('output').textContent();
  const mm = [...text.matchAll(/([LRPAIS]) ([\d.]+)/g)].map(([, side, v]) => (/[LPI]/.test(side) ? -v : Number(v)));
  return { mm, value: Number(text.match(/· (.*)$/)[1]) };
}

for (const [name, columns] of Object.entries(orientations))
  test(`the crosshair is where it should be: ${name}`, async () => {
    await empty(page);
    await page.goto(`${server.url}/viewer.html?id=${encodeURIComponent(name)}`);
    await drawn(page, name);

    // The axis of the axial slices, in the middle of whose first largest one the viewer opens.
    const axial = [0, 1, 2].reduce((a, b) => (Math.abs(columns[b][2]) > Math.abs(columns[a][2]) ? b : a));
    const start = middle.map((v, axis) => (axis === axial ? block[axis][0] : v));
    const opened = await place();
    const between = start.map((v) => [Math.floor(v), Math.ceil(v)]); // a middle between two voxels is either's
    const possible = between[0].flatMap((x) => between[1].flatMap((y) => between[2].map((z) => value_of([x, y, z]))));
    assert.ok(possible.includes(opened.value), `opens at the value ${opened.value}, not at one of ${possible}`);

    for (const region of samples[name].regions) {
      await page.keyboard.press('.');
      const there = await place();
      assert.equal(there.value, value_of([region.x, region.y, region.z]));
      [region.x_mm, region.y_mm, region.z_mm].forEach((mm, i) => assert.ok(Math.abs(there.mm[i] - mm) < 0.06, `${there.mm}, not ${mm}`));
    }

    // The last region is inside the volume: one slice up, along the axis that runs to superior.
    const last = samples[name].regions.at(-1), up = [last.x, last.y, last.z];
    up[axial] += columns[axial][2] > 0 ? 1 : -1;
    await page.keyboard.press('ArrowUp');
    assert.equal((await place()).value, value_of(up));
    assert.deepEqual(page.wrong, []);
  });
