// `nicohort view` in a real browser, on a cohort that `nicohort demo` and `run` made: the pages under the server's own
// rules of what they may load, the images and verdicts that it really gives and keeps.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../web/mock/serve.mjs';
import { assert_accessible, copy_recipe, drawn, launch, long_form, open_page, pixels, web } from './browser.mjs';

const program = join(process.env.NICOHORT_BUILD, 'nicohort');
let browser, root;

before(async () => {
  root = join(mkdtempSync(join(tmpdir(), 'nicohort-view-')), 'cohort');
  execFileSync(program, ['demo', root, '--patients', '12', '--size', '64', '64', '16', '--quiet']);
  const recipe = copy_recipe(join(root, '..'), 'groups: {tumour: [EsoROI]}');
  execFileSync(program, ['run', '--root_dir', root, '--recipe', recipe, '--quiet']);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(join(root, '..'), { recursive: true });
});

/** The program at work, and a page that its address has opened. */
async function start(t) {
  const server = spawn(program, ['view', '--root_dir', root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const page = await open_page(browser, { viewport: { width: 1000, height: 600 } });
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
  };
  t.after(async () => {
    await page.close();
    await stop();
  });
  const address = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).split('\n')[0])));
  await page.goto(address);
  return { page, address, stop };
}

test('from the printed address over the report to a sample, whose mask is drawn', async (t) => {
  const { page, address } = await start(t);
  await page.getByText('24 samples of 12 patients from 3 sites are ready').waitFor();
  await page.goto(new URL('/report/index.html#samples', address).href);
  await page.getByLabel('Search').fill('TJ_1726298581_pre');
  await page.getByText('TJ_1726298581_pre', { exact: true }).first().click();
  await page.getByRole('link', { name: 'Open in viewer' }).click();
  await drawn(page, 'TJ_1726298581_pre');
  await page.keyboard.press('v');
  const masked = await pixels(page);
  assert.ok(masked.blue > 20, JSON.stringify(masked));
  await page.keyboard.press('2');
  const before = await pixels(page);
  assert.ok(before.orange > 20 && before.blue === 0, JSON.stringify(before));
  await page.keyboard.press('0');
  const bare = await pixels(page);
  assert.equal(bare.blue + bare.orange, 0, JSON.stringify(bare));
  if (!long_form.skip) await assert_accessible(page, 'the viewer of the real server'); // with made-up samples: viewer.test.mjs
  assert.deepEqual(page.wrong, []);
});

/** The fields below a value, such as `masks.labels[].url`. */
function fields(value, path = '') {
  if (Array.isArray(value)) return value.flatMap((item) => fields(item, `${path}[]`));
  if (value === null || typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([name, inside]) => fields(inside, `${path}.${name}`));
}

/** Of several values together. Where one has null and another more, the more counts. */
function all_fields(values) {
  const all = [...new Set(values.flatMap((value) => fields(value)))].sort();
  return all.filter((path, i) => !all[i + 1]?.startsWith(`${path}.`));
}

test('the samples that the viewer is tested with elsewhere have the fields that the program writes', async (t) => {
  const { page } = await start(t);
  const ids = await page.evaluate(() => window.nicohort.samples.map(({ id }) => id));
  const answers = await page.evaluate((ids) => Promise.all(ids.map(async (id) => (await fetch(`/api/samples/${id}`)).json())), ids);
  const mock = await serve(join(web, 'dist'));
  t.after(() => mock.close());
  const made_up = await (await fetch(`${mock.url}/api/samples/TJ_0012_pre`)).json();
  const without_verdict = (answer) => ({ ...answer, verdict: null });
  assert.deepEqual(all_fields(answers.map(without_verdict)), all_fields([without_verdict(made_up)]));
});

test('the address opens once', long_form, async (t) => {
  const { page, address } = await start(t);
  const other = await browser.newContext();
  t.after(() => other.close());
  const stranger = await other.newPage();
  assert.equal((await stranger.goto(address)).status(), 403);
  assert.equal((await stranger.goto(new URL('/report/data.js', address).href)).status(), 403);
  assert.equal((await page.reload()).status(), 200);
});

test('a verdict is in the workbook at once, and there again after a restart', long_form, async (t) => {
  const id = 'TJ_1726298581_post';
  const first = await start(t);
  await first.page.goto(new URL(`/viewer.html?id=${id}`, first.address).href);
  await drawn(first.page, id);
  await first.page.getByLabel('Reviewer').fill('李 <b>Dr</b>');
  await first.page.getByLabel('Comment').fill('=1+1 <i>');
  await first.page.getByRole('button', { name: 'Reject' }).click();
  await first.page.getByText('Saved: reject').waitFor();
  const workbook = join(root, 'descriptor/review.xlsx');
  assert.ok(existsSync(workbook) && readFileSync(workbook).subarray(0, 2).equals(Buffer.from('PK')));
  await first.stop();

  const second = await start(t);
  await second.page.goto(new URL(`/viewer.html?id=${id}`, second.address).href);
  await drawn(second.page, id);
  assert.equal(await second.page.getByLabel('Comment').inputValue(), '=1+1 <i>');
  assert.equal(await second.page.getByRole('button', { name: 'Reject' }).getAttribute('aria-pressed'), 'true');
  assert.deepEqual(second.page.wrong, []);

  const split = ['make_split', '--manifest_file', join(root, 'grouped/dataset_manifest.xlsx'), '--split_name', 'reviewed', '--site', 'TJ', '--exclude_rejected'];
  assert.match(execFileSync(program, split, { encoding: 'utf8' }), /1 sample left out/);
});
