// The viewer in a real browser, with made-up samples. Needs `npm ci && npm run build` in web/ (or in the copy of it that
// NICOHORT_WEB names).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nifti } from '../../web/mock/nifti.mjs';
import { regions, serve } from '../../web/mock/serve.mjs';
import { assert_accessible, drawn, empty, launch, long_form, open_page, pixels, web } from './browser.mjs';

let browser, page;
before(async () => {
  browser = await launch();
  page = await open_page(browser, { viewport: { width: 1000, height: 600 } }); // small: drawn by the processor
});
after(() => browser?.close());

/** The viewer with a sample, on a server of its own. */
async function open(t, id = 'TJ_0012_pre', scale = undefined, others = undefined) {
  const server = await serve(join(web, 'dist'), 0, scale, others);
  t.after(() => server.close());
  await empty(page);
  await page.goto(`${server.url}/viewer.html?id=${id}`);
  await drawn(page, id);
  return server;
}

test('the mask is drawn: after cleaning, before, the difference, none; opacity and outline', async (t) => {
  await open(t);
  await page.keyboard.press('v'); // axial only
  const masked = await pixels(page);
  assert.ok(masked.blue > 1000, JSON.stringify(masked));
  assert.equal(masked.orange + masked.green, 0, JSON.stringify(masked));
  await page.keyboard.press('z');
  const zoomed = await pixels(page);
  assert.ok(zoomed.blue > 3 * masked.blue, `${JSON.stringify(zoomed)} of ${JSON.stringify(masked)}`);
  await page.getByRole('radio', { name: '1×' }).check();
  await page.keyboard.press('2');
  const before = await pixels(page);
  assert.ok(before.orange > 1000 && before.blue === 0, JSON.stringify(before));
  await page.getByRole('radio', { name: 'Difference' }).check();
  const change = await pixels(page);
  assert.ok(change.green > 30 && change.blue > 1000 && change.green < change.blue, JSON.stringify(change));
  await page.keyboard.press('0');
  const bare = await pixels(page);
  assert.equal(bare.blue + bare.orange + bare.green, 0, JSON.stringify(bare));
  await page.keyboard.press('1');
  await page.keyboard.press('o');
  const outline = await pixels(page);
  assert.ok(outline.blue > 50 && outline.blue < masked.blue / 2, `${JSON.stringify(outline)} of ${JSON.stringify(masked)}`);
  await page.keyboard.press('o');
  await page.getByLabel('Opacity').fill('0');
  assert.equal((await pixels(page)).blue, 0);
  assert.deepEqual(page.wrong, []);
});

test('the windows are those of the unit and of the recipe', async (t) => {
  const names = async (scale) => {
    await open(t, 'XY_0007_pre', scale);
    return page.getByRole('group', { name: 'Window' }).getByRole('radio').evaluateAll((radios) => radios.map(({ value, checked }) => value + (checked ? '*' : '')));
  };
  const of_ct = ['Soft tissue', 'Lung', 'Bone', 'Liver', 'Full'];
  assert.deepEqual(await names({ unit: 'HU', window: [-160, 240] }), ['Soft tissue*', ...of_ct.slice(1)]);
  assert.deepEqual(await names({ unit: 'HU', window: [0, 80] }), ['Recipe*', ...of_ct]);
  assert.deepEqual(await names({ unit: null, window: null }), ['Usual*', 'Full']);
  assert.doesNotMatch(await page.locator('main').innerText(), /HU/);
});

/** An image of 24 × 24 × 8 voxels. */
function image(type, value) {
  const values = [];
  for (let z = 0; z < 8; z++) for (let y = 0; y < 24; y++) for (let x = 0; x < 24; x++) values.push(value(x, y, z));
  return nifti([24, 24, 8], [2, 2, 4], [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 4, 0]], type, values);
}
const value = async () => (await page.locator('output').textContent()).split('· ')[1];
const one_of = (group, name) => page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true });
const no_unit = { unit: null, window: null };

test('of several channels one is chosen, for the next samples, too', async (t) => {
  const sample = (next, values) => ({
    images: Object.fromEntries(Object.entries(values).map(([channel, v]) => [channel, channel === 'T2' ? image('float32', (x) => v + (x > 18 ? 20 : 0)) : image('int16', (x) => v + x)])),
    info: (address) => ({ next, volumes: Object.keys(values).map((channel) => ({ channel, url: address(channel) })) }),
  });
  await open(t, 'a', no_unit, { a: sample('b', { T1: 100, T2: 200 }), b: sample('c', { FLAIR: 300, T2: 400 }), c: sample(null, { T1: 500 }) });
  assert.match(await value(), /^1\d\d/);
  const first = await page.locator('output').textContent();
  const { grey } = await pixels(page);
  await one_of('Channel', 'T2').check();
  await page.waitForFunction(() => / 2\d\d/.test(document.querySelector('output').textContent));
  assert.equal((await page.locator('output').textContent()).split('·')[0], first.split('·')[0], 'at the same place');
  const { grey: other } = await pixels(page);
  assert.ok(other < 0.8 * grey, `${other} of ${grey}`);
  await page.keyboard.press('n');
  await drawn(page, 'b');
  assert.match(await value(), /^4\d\d/);
  await page.keyboard.press('h');
  await page.waitForFunction(() => / 3\d\d/.test(document.querySelector('output').textContent));
  assert.ok(await one_of('Channel', 'FLAIR').isChecked());
  await page.keyboard.press('n');
  await drawn(page, 'c');
  assert.match(await value(), /^5\d\d/);
  assert.equal(await page.getByRole('group', { name: 'Channel' }).isVisible(), false, 'there is nothing to choose');
  assert.deepEqual(page.wrong, []);
});

test('a group of labels is shown as one mask; values without a name are shown, too', async (t) => {
  const mask = (speck) => image('uint8', (x, y, z) => (z < 2 || z > 5 ? 0 : y < 8 ? 1 : y < 16 ? (speck && x < 12 ? 0 : 2) : x > 20 ? 9 : 0));
  const info = () => ({ labels: [{ label: 1, name: 'core' }, { label: 2, name: 'oedema' }], groups: [{ name: 'whole', labels: [1, 2] }, { name: 'inner', labels: [1] }] });
  await open(t, 'a', no_unit, { a: { images: { volume: image('int16', () => 50), before: mask(false), after: mask(true) }, info } });
  await page.keyboard.press('v');
  const legend = () => page.locator('.key').innerText();
  assert.deepEqual((await legend()).split('\n'), ['core', 'oedema', 'value 9 (no name)']);
  await one_of('Labels', 'whole').check();
  assert.equal(await legend(), 'whole');
  const whole = await pixels(page);
  await page.keyboard.press('g');
  assert.equal(await legend(), 'inner');
  const inner = await pixels(page);
  assert.ok(Math.abs(whole.blue / inner.blue - 1.5) < 0.15, `${JSON.stringify(whole)} of ${JSON.stringify(inner)}`);
  await page.keyboard.press('2');
  assert.ok(Math.abs((await pixels(page)).orange / inner.blue - 1) < 0.15);
  await page.keyboard.press('3');
  const same = await pixels(page);
  assert.equal(same.orange + same.green, 0, 'the inner group was not changed');
  await one_of('Labels', 'whole').check();
  assert.ok((await pixels(page)).orange > 1000, 'the other was');
  assert.deepEqual(page.wrong, []);
});

test('a mask as drawn that cannot be had is said, and the rest is shown', async (t) => {
  const others = { a: { images: { volume: image('int16', () => 50), before: Buffer.from(''), after: image('uint8', (x, y, z) => (z === 3 ? 1 : 0)) } } };
  await open(t, 'a', no_unit, others);
  assert.match(await page.getByRole('alert').first().textContent(), /Cannot read \/files\/a\/before\.nii\.gz/);
  assert.ok(await page.getByRole('radio', { name: 'Before cleaning' }).isDisabled());
  assert.ok((await pixels(page)).blue > 1000);
});

test('voxels without a finite value leave the window Full to the others', async (t) => {
  const grey = async (odd) => {
    await open(t, 'a', no_unit, { a: { images: { volume: image('float32', (x, y, z) => (x + y + z === 3 ? odd : 10 * x)) } } });
    await one_of('Window', 'Full').check();
    await page.keyboard.press('v');
    return (await pixels(page)).grey;
  };
  const usual = await grey(0);
  assert.ok(usual > 20, usual);
  for (const odd of [Infinity, -Infinity, NaN]) {
    const seen = await grey(odd);
    assert.ok(Math.abs(seen - usual) < 0.15 * usual, `${odd}: ${seen}, not ${usual}`);
  }
});

test('windows and views change the picture', long_form, async (t) => {
  await open(t, 'XY_0007_pre');
  const grey = [];
  for (const name of ['Soft tissue', 'Lung', 'Bone', 'Liver', 'Full']) {
    await page.getByRole('radio', { name, exact: true }).check();
    grey.push((await pixels(page)).grey);
  }
  assert.ok(grey[1] > grey[0] * 1.5, `the body is white in the lung window: ${grey}`);
  assert.ok(grey[2] < grey[1] && grey[4] > grey[2], `${grey}`);
  const views = [];
  for (const name of ['All planes', 'Axial', 'Coronal', 'Sagittal', '3D']) {
    await page.getByRole('radio', { name, exact: true }).check();
    await page.waitForTimeout(200);
    views.push((await page.locator('canvas').screenshot()).toString('base64'));
  }
  assert.equal(new Set(views).size, views.length);
  assert.deepEqual(page.wrong, []);
});

test('a small region is jumped to, and its mask shown', long_form, async (t) => {
  await open(t);
  await page.keyboard.press('v');
  const [crumb, region] = regions;
  await page.getByRole('button', { name: /EsoROI before cleaning/ }).first().click();
  const place = await page.locator('output').textContent();
  const [x, y, z] = [...place.matchAll(/([LRPAIS]) ([\d.]+)/g)].map(([, side, mm]) => (/[LPI]/.test(side) ? -mm : Number(mm)));
  for (const [there, wanted, voxel] of [[x, region.x_mm, 2], [y, region.y_mm, 2], [z, region.z_mm, 4]]) assert.ok(Math.abs(there - wanted) <= voxel, `${place}, wanted ${JSON.stringify(region)}`);
  assert.ok(await page.getByRole('radio', { name: 'Before cleaning' }).isChecked());
  assert.ok((await pixels(page)).orange > 30);
  await page.keyboard.press('1');
  assert.equal((await pixels(page)).blue, 0, 'the speck is gone after cleaning');
  assert.equal(crumb.voxels, 1);
  await page.keyboard.press('.');
  for (let i = 0; i < 3; i++) await page.keyboard.press('z');
  const { orange } = await pixels(page);
  assert.ok(orange > 100, `one voxel is ${orange} pixels at 8×`);
});

test('n and p go through the samples; one without a mask says so', long_form, async (t) => {
  await open(t);
  const title = () => page.getByRole('heading', { level: 1 }).textContent();
  await page.keyboard.press('n');
  await drawn(page, 'XY_0007_pre');
  assert.equal(await title(), 'XY_0007_pre');
  assert.match(page.url(), /id=XY_0007_pre/);
  assert.ok(await page.getByRole('button', { name: 'Next' }).isDisabled());
  assert.ok(await page.getByRole('radio', { name: 'Difference' }).isDisabled());
  assert.ok(await page.getByText('this sample has no such mask').isVisible());
  await page.keyboard.press('p');
  await drawn(page, 'TJ_0012_pre');
  await page.keyboard.press('ArrowLeft');
  await drawn(page, 'TJ_0012_post');
  assert.ok(await page.getByRole('button', { name: 'Previous' }).isDisabled());
  await page.goBack();
  await drawn(page, 'TJ_0012_pre');
  assert.equal(await title(), 'TJ_0012_pre');
  assert.ok((await pixels(page)).blue > 1000);
  assert.deepEqual(page.wrong, []);
});

test('a verdict is saved at once and shown again', long_form, async (t) => {
  const server = await open(t);
  await page.keyboard.press('r');
  assert.match(await page.getByRole('alert').last().textContent(), /enter your name/);
  assert.deepEqual(server.verdicts, {});
  assert.equal(await page.evaluate(() => document.activeElement.name), 'reviewer');
  await page.keyboard.type('李 <b>Dr</b>');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByText(/Saved: reject, by 李 <b>Dr<\/b>/).waitFor();
  await page.keyboard.press('c');
  await page.keyboard.type('far from a tumour <i>'); // a, f and r are letters here
  assert.equal(server.verdicts.TJ_0012_pre.verdict, 'reject');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('f');
  await page.getByText('Saved: fix').waitFor();
  assert.deepEqual(server.verdicts.TJ_0012_pre, { verdict: 'fix', comment: 'far from a tumour <i>', reviewer: '李 <b>Dr</b>', time: '2026-01-02T03:04:05Z' });
  await page.reload();
  await drawn(page, 'TJ_0012_pre');
  assert.equal(await page.getByLabel('Comment').inputValue(), 'far from a tumour <i>');
  assert.equal(await page.getByLabel('Reviewer').inputValue(), '李 <b>Dr</b>');
  assert.equal(await page.getByRole('button', { name: 'Fix' }).getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('n');
  await drawn(page, 'XY_0007_pre');
  assert.equal(await page.getByLabel('Comment').inputValue(), '', 'the next sample has no verdict yet');
  assert.deepEqual(page.wrong, []);
});

test('a comment is not lost on the way to the next sample', long_form, async (t) => {
  const server = await open(t);
  await page.getByLabel('Reviewer').fill('A');
  await page.getByLabel('Comment').fill('look again');
  await page.getByRole('button', { name: 'Next' }).click();
  assert.match(await page.getByRole('alert').last().textContent(), /choose one/);
  assert.match(page.url(), /TJ_0012_pre/);
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('Saved: accept').waitFor();
  await page.getByLabel('Comment').fill('look again, soon');
  await page.getByRole('button', { name: 'Next' }).click();
  await drawn(page, 'XY_0007_pre');
  assert.equal(server.verdicts.TJ_0012_pre.comment, 'look again, soon');
});

test('what is not saved is said', long_form, async (t) => {
  const server = await open(t);
  await page.getByLabel('Reviewer').fill('A');
  await page.route('**/api/verdicts/**', (route) => route.fulfill({ status: 403, body: 'no' }));
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText(/Not saved: the server refused/).waitFor();
  assert.equal(await page.locator('.saved').textContent(), '');
  await page.unroute('**/api/verdicts/**');
  await page.route('**/api/verdicts/**', (route) => route.fulfill({ status: 400, body: 'the comment is too long\n' }));
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('Not saved: the server answered 400: the comment is too long').waitFor();
  await page.unroute('**/api/verdicts/**');
  server.close();
  await page.route('**/api/verdicts/**', (route) => route.abort());
  await page.getByRole('button', { name: 'Fix' }).click();
  await page.getByText(/does not answer; check that it is still running/).waitFor();
  assert.deepEqual(server.verdicts, {});
});

test('an unknown sample and a damaged image are said', long_form, async (t) => {
  await open(t);
  await page.goto(page.url().replace('TJ_0012_pre', 'TJ_none'));
  await page.getByText('Cannot load TJ_none: the server answered 404').waitFor();
  await page.route('**/files/volume.nii.gz', (route) => route.fulfill({ body: 'not an image' }));
  await page.goto(page.url().replace('TJ_none', 'TJ_0012_pre'));
  await page.getByRole('alert').filter({ hasText: 'Cannot read /files/volume.nii.gz: it is damaged' }).waitFor();
  await page.getByLabel('Reviewer').fill('A');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByText('Saved: reject').waitFor();
});

test('axe finds nothing', async (t) => {
  await open(t);
  await page.getByLabel('Reviewer').fill('A');
  await page.getByRole('button', { name: 'Fix' }).click();
  await page.getByText('Saved: fix').waitFor();
  await assert_accessible(page, 'a sample');
  if (long_form.skip) return;
  await page.keyboard.press('?');
  await assert_accessible(page, 'the help');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await drawn(page, 'XY_0007_pre');
  await assert_accessible(page, 'a sample without a mask');
});
