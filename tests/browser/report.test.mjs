// The report as its readers use it: opened from disk in a real browser. Needs `npm ci && npm run build` in web/ (or in
// the copy of it that NICOHORT_WEB names). The reports are made up, but one that `nicohort demo` and `run` made: it says
// what the program really writes.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { make } from '../../web/mock/make.mjs';
import { assert_accessible, copy_recipe, empty, launch, long_form, open_page, web } from './browser.mjs';

const views = ['overview', 'plots', 'samples', 'problems'];
const folder = mkdtempSync(join(tmpdir(), 'nicohort-report-'));
const real = 'real/report'; // below the folder
const reports = {};
let browser, shared;

/** A cohort with every fault that the demonstration has, and what its report's pages read. */
function make_real() {
  const program = join(process.env.NICOHORT_BUILD, 'nicohort'), root = join(folder, 'real');
  execFileSync(program, ['demo', root, '--patients', '12', '--size', '48', '48', '16', '--faults', '--quiet']);
  const recipe = copy_recipe(join(folder, 'real'), 'groups: {tumour: [EsoROI]}');
  const { status, stderr } = spawnSync(program, ['run', '--root_dir', root, '--recipe', recipe, '--quiet'], { encoding: 'utf8' });
  assert.equal(status, 1, stderr); // done, with problems
  const window = {};
  new Function('window', readFileSync(join(folder, real, 'data.js'), 'utf8'))(window);
  return window.nicohort;
}

before(async () => {
  for (const count of [0, 1, 12, 60, 5000]) reports[count] = make(join(folder, String(count)), join(web, 'dist'), count);
  reports[real] = make_real();
  for (const layout of ['subsets', 'sessions', 'labels']) reports[layout] = make(join(folder, layout), join(web, 'dist'), 60, 1, layout);
  reports.empty = make(join(folder, 'empty'), join(web, 'dist'), 260, 1, 'empty');
  reports.turned = make(join(folder, 'turned'), join(web, 'dist'), 12, 1, 'turned');
  browser = await launch();
  shared = await open_page(browser);
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A report, in the page that all tests share unless it is to have options of its own. */
async function open(t, count, hash = '', options = undefined) {
  const page = options ? await open_page(browser, options) : await empty(shared);
  if (options) t.after(() => page.close());
  await page.goto(`${pathToFileURL(join(folder, String(count), 'index.html'))}${hash}`);
  await page.locator('main > .page').waitFor();
  return page;
}

const is_ready = ({ written, expects_mask, roi }) => written && (!expects_mask || roi?.voxels > 0);
const choice = (page, name) => page.getByRole('combobox', { name, exact: true });
const tick = (page, name) => page.getByRole('checkbox', { name, exact: true });
const ids = (page) => page.locator('tbody a.id').allTextContents();
const column = (page, title) => page.evaluate((wanted) => {
  const at = [...document.querySelectorAll('.samples thead th')].findIndex((th) => th.textContent.replace(/[▲▼]/, '') === wanted);
  return [...document.querySelectorAll('.samples tbody tr:not(.spacer)')].map((tr) => tr.children[at].textContent);
}, title);
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};

for (const count of [0, 1, 12, 60, 5000, 'subsets', 'sessions', real])
  test(`${count} samples: every view opens from disk without an error`, typeof count === 'string' || count === 0 ? {} : long_form, async (t) => {
    const page = await open(t, count);
    for (const view of views) {
      await page.locator('nav a', { hasText: new RegExp(view, 'i') }).click();
      await page.locator(`body[data-view=${view}]`).waitFor();
      await page.waitForTimeout(300); // plots are drawn and pictures loaded after the view
    }
    assert.deepEqual(page.wrong, []);
  });

test('the overview says how many samples are ready', async (t) => {
  const page = await open(t, 12);
  assert.equal(await page.locator('.verdict').textContent(),
    '10 samples of 6 patients from 3 sites are ready; 1 sample could not be used; 1 sample has no mask; 4 problems need a look.');
  assert.equal(await page.locator('.kinds li').count(), new Set(reports[12].problems.map(({ kind }) => kind)).size);
  assert.equal(await page.locator('.outliers li').count(), new Set(reports[12].outliers.map(({ sample }) => sample)).size);
});

test('samples with an empty mask are not ready, and the headline is not green', async (t) => {
  const page = await open(t, 'empty');
  const { samples } = reports.empty;
  const empty = samples.filter(({ roi }) => roi.voxels === 0);
  assert.ok(empty.length > 5);
  const headline = page.locator('.verdict');
  assert.match(await headline.textContent(), new RegExp(`^${samples.length - empty.length} samples of \\d+ patients from 3 sites are ready; ${empty.length} samples have an empty mask\\.$`));
  assert.ok(await headline.evaluate(({ classList }) => classList.contains('warn')));
  assert.match(await page.locator('.tile').first().textContent(), new RegExp(`${empty.length} more are not ready`));
  await page.goto(`${page.url().split('#')[0]}#samples?q=${encodeURIComponent('empty mask')}&cols=id|state`);
  await page.locator('tbody a.id').first().waitFor();
  assert.deepEqual((await ids(page)).sort(), empty.map(({ id }) => id).sort());
  assert.deepEqual(new Set(await column(page, 'State')), new Set(['empty mask']));
});

test('a volume without a mask is ready where none is expected', async (t) => {
  const page = await open(t, 'empty');
  const read = (expects_mask) => page.evaluate((expected) => {
    for (const sample of window.nicohort.samples) Object.assign(sample, { expects_mask: expected, roi: null, cleaning: null });
  }, expects_mask);
  const script = readFileSync(join(folder, 'empty', 'report.js'), 'utf8');
  const headline = async (expects_mask) => {
    await read(expects_mask);
    await page.evaluate(script);
    return page.locator('.verdict').evaluate(({ textContent, className }) => `${className}: ${textContent}`);
  };
  assert.match(await headline(false), /verdict good: \d+ samples .* are ready; there are no problems\./);
  assert.equal(await headline(true), `verdict bad: No sample is ready; ${reports.empty.samples.length} samples have no mask.`);
});

test('changes of mask volume are counted as pandas counts them', async (t) => {
  const page = await open(t, 5000, '#plots');
  const expected = JSON.parse(execFileSync(process.env.PYTHON3 ?? '/usr/bin/python3', ['-c', `
import json, sys, pandas
data = json.load(sys.stdin)
table = pandas.DataFrame([{"patient": s["patient"], "phase": s["parts"]["phase"], "site": s["parts"]["site"], "volume": s["roi"]["volume_mm3"]}
                          for s in data if s["written"] and s["roi"]])
pairs = table.pivot(index=["site", "patient"], columns="phase", values="volume").dropna()
ratio = (pairs.post / pairs.pre)[pairs.pre > 0]
tenfold = (pairs.pre > 0) & (pairs.post >= 10 * pairs.pre)
counts = pandas.DataFrame({"patients": pairs.pre >= 0, "smaller": pairs.post < pairs.pre, "equal": pairs.post == pairs.pre,
                           "larger": (pairs.post > pairs.pre) & ~tenfold, "tenfold": tenfold})
sites = counts.groupby("site").sum().assign(median=ratio.groupby("site").median())
print(json.dumps({"sites": sites.reset_index().to_dict("records"), "all": counts.sum().to_dict()}, default=int))`],
    { input: JSON.stringify(reports[5000].samples), encoding: 'utf8' }));
  const { patients, smaller, equal, tenfold } = expected.all;
  assert.ok(equal > 5 && expected.sites.some(({ patients: n }) => n % 2 === 0), JSON.stringify(expected));
  const figure = page.locator('figure').first();
  const shown = (n) => n.toLocaleString('en-GB');
  assert.equal(await figure.locator('h3').textContent(),
    `${shown(smaller)} of ${shown(patients)} masks are smaller in phase post than in pre, ${shown(equal)} are equal; ${shown(tenfold)} are ten times as large or more.`);
  const rows = await figure.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map(({ textContent }) => textContent)));
  assert.equal(rows.length, expected.sites.length);
  for (const { site, patients, smaller, equal, larger, tenfold, median } of expected.sites)
    assert.deepEqual(rows.find(([name]) => name === site), [site, ...[patients, smaller, equal, larger, tenfold].map(shown), `× ${Number(median.toPrecision(3))}`]);
});

test('values that the label map does not have are told beside the volumes that they are in', async (t) => {
  const page = await open(t, 'labels', '#plots');
  assert.match(await page.locator('figure').first().locator('figcaption').textContent(), /Volumes include the voxels of value 9 \(no name\)\./);
});

/** Every field below a value, with its type: `samples[].roi.voxels number`. Those by a name that data have are one, `*`. */
function fields(value, path = '') {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => fields(item, `${path}[]`));
  if (typeof value !== 'object') return [`${path} ${typeof value}`];
  if (/\.attributes$/.test(path)) return [`${path}.*`];
  return Object.entries(value).flatMap(([name, inside]) => fields(inside, /\.rows$/.test(path) ? `${path}.*` : `${path}.${name}`));
}

test('the program writes the fields that these tests make up, and no others', () => {
  const [ours, made_up] = [reports[real], reports[60]].map((report) => [...new Set(fields(report))].sort());
  assert.ok(ours.includes('.samples[].roi.intensity.median number'), ours.join('\n'));
  assert.deepEqual(ours, made_up);
});

test('what the program wrote is what the pages show', async (t) => {
  const { samples, problems } = reports[real];
  const page = await open(t, real);
  const ready = samples.filter(is_ready);
  const count = (values) => new Set(values).size;
  const wanted = `${ready.length} samples of ${count(ready.map(({ patient }) => patient))} patients from ${count(ready.map(({ parts }) => parts.site))} sites are ready; `;
  assert.ok((await page.locator('.verdict').textContent()).startsWith(wanted), wanted);
  assert.equal(await page.locator('.kinds li').count(), count(problems.map(({ kind }) => kind)));
  await page.goto(`${page.url().split('#')[0]}#samples`);
  await page.locator('tbody a.id').first().waitFor();
  assert.equal(await page.getByRole('status').textContent(), `${samples.length} of ${samples.length} samples`);
  const sample = ready.find(({ roi, thumbnail }) => roi?.voxels && thumbnail);
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${sample.id}`);
  const dialog = page.getByRole('dialog');
  const text = await dialog.innerText();
  for (const fact of [sample.parts.pid, `${sample.image.size.join(' × ')} voxels`, sample.image.orientation]) assert.ok(text.includes(fact), `${fact} is not in ${text}`);
  await page.waitForFunction(() => [...document.querySelectorAll('dialog img, [role=dialog] img')].some((image) => image.naturalWidth > 0));
  assert.deepEqual(page.wrong, []);
});

test('the overview shows the fingerprint for training that the program made', async (t) => {
  const { fingerprint, samples } = reports[real];
  assert.equal(fingerprint.cases, samples.filter(({ roi }) => roi).length);
  const card = (await open(t, real)).locator('section', { hasText: 'Fingerprint for training' });
  assert.match(await card.innerText(), new RegExp(`Of ${fingerprint.cases} samples with a mask, after cleaning; each weighs alike\\.`));
  const rows = await card.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map(({ textContent }) => textContent)));
  const short = (value) => value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
  const { mean, sd, median: middle, p00_5, p99_5 } = fingerprint.foreground[0];
  assert.deepEqual(rows.map(([name]) => name), ['Spacing, mm', 'Size without empty borders, voxels', 'Values, HU']);
  const sizes = [0, 1, 2].map((axis) => samples.filter(({ roi }) => roi).map(({ image }) => image.size[axis]));
  assert.equal(rows[1][1], sizes.map(median).join(' × '));
  assert.deepEqual(rows[2].slice(1), [mean, sd, middle, p00_5, p99_5].map(short));
});

test('a report of samples without masks has no fingerprint', async (t) => {
  assert.equal(reports[0].fingerprint, null);
  assert.equal(await (await open(t, 0)).locator('section', { hasText: 'Fingerprint for training' }).count(), 0);
});

const tiles = (page) => page.locator('.tile h2').allTextContents();
const titles = (page) => page.locator('.samples thead th').allTextContents();
const chosen = (page) => page.locator('.toolbar > label > select').evaluateAll((all) => all.map((select) => select.parentElement.firstChild.textContent));
const facts = (page) => page.locator('.facts section').first().evaluate((section) =>
  Object.fromEntries([...section.querySelectorAll('dt')].map((name) => [name.textContent, name.nextElementSibling.textContent])));

test('a sample that is not in the dataset has dashes for what it would have', async (t) => {
  const page = await open(t, 12, '#samples?cols=id|volume|voxels|hu|inplane|thickness|size|orientation|removed');
  const lost = reports[12].samples.find(({ written }) => !written);
  const cells = await page.locator('.samples tbody tr', { has: page.locator('a.id', { hasText: lost.id }) }).locator('td').allTextContents();
  assert.deepEqual(cells.slice(1), Array(8).fill('–'), 'behind its picture');
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${lost.id}`);
  const text = await page.getByRole('dialog').innerText();
  assert.doesNotMatch(text, /0 × 0|\b0 voxels|undefined|null|NaN/);
  assert.match(text, /Image\s+none/);
});

test('groups of labels and values without a name are told', async (t) => {
  const page = await open(t, 'labels');
  const { samples } = reports.labels;
  const masks = samples.flatMap(({ roi }) => roi ?? []);
  const rows = await page.locator('section', { hasText: 'Labels and groups' }).locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  const told = (name, volumes) => {
    const there = volumes.filter((volume) => volume > 0);
    return [name, String(there.length), there.length ? Number((median(there) / 1000).toPrecision(3)).toLocaleString('en-GB') : '–'];
  };
  const of = (...labels) => masks.map(({ by_label }) => by_label.filter(({ label }) => labels.includes(label)).reduce((sum, { volume_mm3 }) => sum + volume_mm3, 0));
  assert.deepEqual(rows, [told('core', of(1)), told('oedema', of(2)), told('value 9 (no name)', of(9)), told('whole: core + oedema', of(1, 2))]);
  assert.ok(Number(rows[2][1]) > 0);
  await page.goto(`${page.url().split('#')[0]}#samples?cols=id|l:1|l:9|g:whole`);
  await page.locator('tbody a.id').first().waitFor();
  assert.deepEqual(await titles(page), ['Picture', 'Sample▲', 'core, cm³', 'value 9 (no name), cm³', 'whole, cm³']);
  const sample = samples.find(({ roi }) => roi?.by_label.length === 3);
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${sample.id}`);
  const text = await page.getByRole('dialog').innerText();
  for (const name of ['core', 'oedema', 'value 9 (no name)', 'whole (group)']) assert.ok(text.includes(name), name);
  assert.ok(text.includes('Outside −∞ to 1000 HU'), 'a window without a lower limit');
  assert.deepEqual(page.wrong, []);
});

test('slices are axial, whatever the order of the axes in the file', async (t) => {
  const page = await open(t, 'turned', '#samples?cols=id|inplane|thickness|size|orientation');
  const { image, id } = reports.turned.samples.find(({ image }) => image?.orientation === 'PIR');
  const row = page.locator('.samples tbody tr', { has: page.locator('a.id', { hasText: id }) });
  const [, in_plane, thickness, size, orientation] = await row.locator('td').allTextContents();
  const [upright] = reports[12].samples.filter((sample) => sample.id === id);
  assert.deepEqual([Number(in_plane), Number(thickness)], [Number(upright.image.spacing[0].toFixed(2)), upright.image.spacing[2]]);
  assert.deepEqual([size, orientation], [image.size.join(' × '), 'PIR'], 'as the file has them');
  await page.goto(`${page.url().split('#')[0]}#plots`);
  for (const title of ['Axial slice thickness', 'Number of axial slices', 'Scan length', 'Axial matrix']) {
    const numbers = page.locator('figure', { hasText: title }).locator('table');
    const turned = await numbers.evaluate((table) => table.textContent);
    await page.goto(`${pathToFileURL(join(folder, '12', 'index.html'))}#plots`);
    assert.equal(await numbers.evaluate((table) => table.textContent), turned, title);
    await page.goBack();
  }
});

test('an archive of sites, phases and patients', async (t) => {
  const page = await open(t, 12);
  assert.deepEqual(await tiles(page), ['samples', 'patients', 'sites', 'phases', 'complete', 'problems', 'outliers']);
  await page.goto(`${page.url().split('#')[0]}#samples`);
  await page.locator('tbody a.id').first().waitFor();
  assert.deepEqual((await titles(page)).slice(0, 4), ['Picture', 'Sample▲', 'Site', 'Phase']);
  assert.deepEqual(await chosen(page), ['Site', 'Phase', 'Split']);
  const { id, parts } = reports[12].samples[0];
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${id}`);
  const { Site, Phase, Patient } = await facts(page);
  assert.deepEqual([Site, Phase, Patient], [parts.site, parts.phase, parts.pid]);
});

test('an archive without sites, phases and a unit: nothing is said of them', async (t) => {
  const page = await open(t, 'subsets');
  const { samples } = reports.subsets;
  const ready = samples.filter(is_ready).length;
  assert.ok((await page.locator('.verdict').textContent()).startsWith(`${ready} samples of ${ready} patients are ready; 1 sample could not be used; `));
  assert.deepEqual(await tiles(page), ['samples', 'patients', 'problems', 'outliers']);
  assert.match(await page.locator('.tile').first().textContent(), /Each is a scan with its mask/);
  await page.goto(`${page.url().split('#')[0]}#plots`);
  await page.locator('.plot svg').nth(10).waitFor();
  const text = await page.locator('main').evaluate((main) => main.textContent);
  assert.doesNotMatch(text, /\bHU\b|\bsites?\b|\bphases?\b|undefined|null/i);
  assert.match(text, /Mask volume: median [\d.,]+ cm³ of all samples/);
  await page.goto(`${page.url().split('#')[0]}#samples`);
  await page.locator('tbody a.id').first().waitFor();
  assert.deepEqual(await chosen(page), ['Subset', 'Split']);
  assert.deepEqual((await titles(page)).slice(0, 3), ['Picture', 'Sample▲', 'Subset']);
  assert.ok((await titles(page)).includes('Median value'));
  await choice(page, 'Subset').selectOption('test');
  assert.equal(await page.getByRole('status').textContent(), `${samples.filter(({ parts }) => parts.subset === 'test').length} of 60 samples`);
  const { id, parts } = samples.find(({ roi }) => roi?.intensity);
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${id}`);
  const { Subset, Patient, Site } = await facts(page);
  assert.deepEqual([Subset, Patient, Site], [parts.subset, parts.pid, undefined]);
  assert.doesNotMatch(await page.getByRole('dialog').innerText(), /\bHU\b|undefined|null/);
});

test('an archive that has site and phase in its metadata, and a part that not all samples have', async (t) => {
  const page = await open(t, 'sessions');
  const { samples, sites } = reports.sessions;
  const ready = samples.filter(is_ready);
  const patients = new Set(ready.map(({ patient }) => patient)).size;
  assert.ok((await page.locator('.verdict').textContent()).startsWith(`${ready.length} samples of ${patients} patients from 3 sites are ready`));
  assert.deepEqual(await tiles(page), ['samples', 'patients', 'sites', 'phases', 'complete', 'problems', 'outliers']);
  const without = ready.filter(({ attributes }) => attributes.site === null).length;
  assert.ok(without > 0);
  assert.match(await page.locator('.tile', { hasText: 'sites' }).textContent(), new RegExp(`, unknown ${without}\\.`));
  await page.goto(`${page.url().split('#')[0]}#samples`);
  await page.locator('tbody a.id').first().waitFor();
  assert.deepEqual(await chosen(page), ['Ses', 'Site', 'Phase', 'Split']);
  assert.ok((await titles(page)).includes('Median SUV'));
  const expect = async (wanted) => assert.equal(await page.getByRole('status').textContent(), `${samples.filter(wanted).length} of 60 samples`);
  await choice(page, 'Ses').selectOption({ label: 'none' });
  await expect(({ parts }) => parts.ses === '');
  await choice(page, 'Ses').selectOption('01');
  await choice(page, 'Site').selectOption('XY');
  await expect(({ parts, attributes }) => parts.ses === '01' && attributes.site === 'XY');
  const sample = samples.find(({ parts }) => parts.ses === '');
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${sample.id}`);
  const { PID, Ses, Patient } = await facts(page);
  assert.deepEqual([PID, Ses, Patient], [sample.parts.pid, '–', sample.patient]);
  await page.goto(`${page.url().split('#')[0]}#plots`);
  await page.locator('.plot svg').nth(12).waitFor();
  const figure = page.locator('figure', { hasText: 'Slice thickness' });
  await figure.locator('summary').click();
  assert.deepEqual(await figure.locator('tbody th').allTextContents(), [...sites, 'unknown']);
  assert.match(await page.locator('figure').first().locator('h3').textContent(), /smaller in phase post than in pre/);
});

test('text with markup is shown as text', async (t) => {
  const page = await open(t, 12, '#problems');
  assert.match(await page.locator('.groups').innerText(), /<script>window\.pwned = true<\/script><img src=x onerror=/);
  await page.goto(`${page.url().split('#')[0]}#samples?cols=id|a:Remark&q=pwned`);
  await page.locator('tbody a.id').first().waitFor();
  assert.match((await column(page, 'Remark'))[0], /<script>/);
  await page.locator('tbody a.id').first().click();
  assert.match(await page.getByRole('dialog').innerText(), /<img src=x onerror=/);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await page.locator('img[src=x]').count(), 0);
});

test('the table sorts, empty values last both ways', async (t) => {
  const page = await open(t, 12, '#samples');
  const volumes = async () => (await column(page, 'Mask, cm³')).map((text) => (text === '–' ? NaN : Number(text.replaceAll(',', ''))));
  const header = page.getByRole('columnheader', { name: 'Mask, cm³' });
  for (const [direction, sign] of [['ascending', 1], ['descending', -1]]) {
    await header.getByRole('button').click();
    assert.equal(await header.getAttribute('aria-sort'), direction);
    const shown = await volumes();
    const known = shown.filter((v) => !Number.isNaN(v));
    assert.equal(known.length, reports[12].samples.filter(({ roi }) => roi).length);
    assert.deepEqual(shown.slice(0, known.length), [...known].sort((a, b) => sign * (a - b)));
  }
  assert.match(await page.evaluate(() => location.hash), /sort=volume&dir=desc/);
});

test('filters choose samples and stay in the address', long_form, async (t) => {
  const page = await open(t, 12, '#samples');
  const expect = async (what, wanted) => {
    assert.deepEqual((await ids(page)).sort(), wanted.map(({ id }) => id).sort(), what);
    assert.equal(await page.getByRole('status').textContent(), `${wanted.length} of 12 samples`);
  };
  const { samples, problems, outliers, splits } = reports[12];
  await choice(page, 'Site').selectOption('TJ');
  await expect('site', samples.filter(({ parts }) => parts.site === 'TJ'));
  await choice(page, 'Phase').selectOption('post');
  const both = samples.filter(({ parts }) => parts.site === 'TJ' && parts.phase === 'post');
  await expect('site and phase', both);
  await page.reload();
  await page.locator('tbody a.id').first().waitFor();
  await expect('after reload', both);
  await choice(page, 'Site').selectOption('');
  await choice(page, 'Phase').selectOption('');
  await tick(page, 'with problems').check();
  await expect('problems', samples.filter(({ id }) => problems.some(({ sample }) => sample === id)));
  await tick(page, 'with problems').uncheck();
  await tick(page, 'outliers').check();
  await expect('outliers', samples.filter(({ id }) => outliers.some(({ sample }) => sample === id)));
  await tick(page, 'outliers').uncheck();
  const [side] = Object.values(splits[1].rows);
  await choice(page, 'Split').selectOption(`${splits[1].name}:${side}`);
  await expect('split', samples.filter(({ id }) => splits[1].rows[id] === side));
  await choice(page, 'Split').selectOption('');
  await page.getByLabel('Search').fill('食管 tj');
  await expect('search', samples.filter(({ parts, attributes }) => parts.site === 'TJ' && attributes.Diagnosis.includes('食管')));
  await page.getByLabel('Search').fill('no such words');
  await expect('nothing', []);
  assert.ok(await page.getByText('No sample matches').isVisible());
});

test('columns can be chosen', long_form, async (t) => {
  const page = await open(t, 12, '#samples');
  await page.getByText('Columns', { exact: true }).click();
  await page.getByLabel('Diagnosis').check();
  await page.getByLabel('Median HU').uncheck();
  const titles = await page.locator('.samples thead th').allTextContents();
  assert.ok(titles.includes('Diagnosis') && !titles.includes('Median HU'), titles.join());
  const first = (await ids(page))[0];
  assert.equal((await column(page, 'Diagnosis'))[0], reports[12].samples.find(({ id }) => id === first).attributes.Diagnosis);
  await page.keyboard.press('Escape');
  assert.equal(await page.getByLabel('Diagnosis').isVisible(), false);
});

test('5,000 samples: few rows and pictures at a time, scrolled and sorted at once', async (t) => {
  const page = await open(t, 5000, '#samples');
  const pictures = new Set();
  page.on('request', (request) => request.url().endsWith('.png') && pictures.add(request.url()));
  const { samples } = reports[5000];
  const { most, usual } = await page.evaluate(async () => {
    const scroller = document.querySelector('.scroller');
    const times = [];
    let most = 0;
    for (let i = 0; i <= 20; i++) {
      const start = performance.now();
      scroller.scrollTop = (scroller.scrollHeight * i) / 20;
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      times.push(performance.now() - start);
      most = Math.max(most, document.querySelectorAll('.samples tbody tr').length);
    }
    return { most, usual: times.sort((a, b) => a - b)[10] };
  });
  assert.ok(most < 40, `${most} rows in the document`);
  assert.ok(usual < 600, `scrolling to other rows usually took ${usual} ms`); // far less where nothing else runs
  assert.equal((await ids(page)).at(-1), samples.at(-1).id);
  assert.ok(pictures.size < 600, `${pictures.size} pictures loaded`);
  await page.getByRole('button', { name: 'Median HU' }).click();
  const known = samples.flatMap(({ roi }) => (roi?.intensity ? [roi.intensity.median] : []));
  assert.equal(Number((await column(page, 'Median HU'))[0].replace('−', '-')), Number(Math.min(...known).toPrecision(3)));
  t.diagnostic(`usual step ${usual.toFixed(0)} ms, at most ${most} rows, ${pictures.size} pictures`);
});

test('a sample opens in a panel: facts, problems, next and previous, back where it was', async (t) => {
  const page = await open(t, 12, '#samples?p:site=XY');
  const [first, second] = await ids(page);
  const link = page.locator('tbody a.id').first();
  await link.press('Enter');
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByRole('heading', { level: 2 }).textContent(), first);
  assert.match(page.url(), /p%3Asite=XY&sample=XY_/);
  const sample = reports[12].samples.find(({ id }) => id === first);
  const text = await dialog.innerText();
  for (const wanted of [sample.parts.pid, `${sample.image.size.join(' × ')} voxels`, sample.image.orientation, sample.attributes.Diagnosis]) assert.ok(text.includes(wanted), wanted);
  assert.equal(await dialog.getByText('Open in viewer').count(), 0, 'no server, no viewer');
  await page.keyboard.press('ArrowRight');
  assert.equal(await dialog.getByRole('heading', { level: 2 }).textContent(), second);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.waitForFunction(() => !location.hash.includes('sample='));
  assert.equal(await page.evaluate(() => document.activeElement.textContent), first);
  const lost = reports[12].samples.find(({ written }) => !written);
  await page.goto(`${page.url().split('#')[0]}#samples?sample=${lost.id}`);
  assert.match(await dialog.innerText(), /not in dataset[\s\S]*truncated[\s\S]*copy or export it again/);
  assert.deepEqual(page.wrong, []);
});

test('problems are searched and lead to their sample', long_form, async (t) => {
  const page = await open(t, 12, '#problems');
  await page.getByLabel('Search').fill('differs by up to');
  assert.equal(await page.locator('.problem-list li').count(), 1);
  await page.getByLabel('Search').fill('');
  await page.getByLabel('Kind').selectOption('incomplete');
  assert.equal(await page.locator('.problem-list li').count(), reports[12].problems.filter(({ kind }) => kind === 'incomplete').length);
  await page.locator('.problem-list a').first().click();
  assert.equal(await page.getByRole('dialog').getByRole('heading', { level: 2 }).textContent(), reports[12].problems.find(({ kind }) => kind === 'incomplete').sample);
});

test('the plots show what the data say', long_form, async (t) => {
  const page = await open(t, 5000, '#plots');
  await page.locator('.plot svg').nth(12).waitFor();
  const ready = reports[5000].samples.filter(({ written }) => written);
  const figure = page.locator('figure', { hasText: 'Slice thickness' });
  await figure.locator('summary').click();
  for (const site of reports[5000].sites) {
    const row = await figure.getByRole('row', { name: site, exact: false }).getByRole('cell').allTextContents();
    const values = ready.filter(({ parts }) => parts.site === site).map(({ image }) => image.spacing[2]);
    assert.equal(Number(row[0].replaceAll(',', '')), values.length);
    assert.equal(Number(row[3]), Number(median(values).toPrecision(3)));
  }
  const tenfold = ready.filter(({ patient, parts, roi }) => parts.phase === 'post' && roi?.voxels > 0 &&
    ready.some((pre) => pre.parts.phase === 'pre' && pre.patient === patient && pre.roi && roi.volume_mm3 >= 10 * pre.roi.volume_mm3)).length;
  assert.ok(tenfold > 1);
  assert.ok((await page.locator('figure').first().locator('h3').textContent()).includes(`; ${tenfold} are ten times as large or more.`));
  const split = reports[5000].splits[2];
  await choice(page, 'Split').selectOption(split.name);
  const count = Object.values(split.rows).filter((side) => side === 'val').length;
  assert.match(await page.getByRole('status').textContent(), new RegExp(`val: ${count} samples of `));
  assert.equal(await page.getByLabel('Compare by').inputValue(), 'Pathological Complete Response (pCR)');
  await page.getByLabel('Compare by').selectOption('cT');
  assert.ok(await page.getByRole('heading', { name: 'cT in each subset' }).isVisible());
});

test('marks stay inside their plots where many samples have one value', long_form, async (t) => {
  for (const count of [12, 60]) {
    const page = await open(t, count, '#plots');
    await page.locator('.plot svg').nth(12).waitFor();
    const outside = await page.locator('.plot svg').evaluateAll((drawings) => drawings.flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('circle, rect')].map((mark) => mark.getBoundingClientRect())
        .filter(({ top, bottom, left, right }) => top < frame.top || bottom > frame.bottom + 1 || left < frame.left || right > frame.right + 1);
    }));
    assert.deepEqual(outside, [], `${count} samples`);
  }
});

test('served, a sample leads to the viewer', async () => {
  const page = await empty(shared);
  await page.route('http://127.0.0.1/**', (route) => route.fulfill({ path: join(folder, '12', decodeURIComponent(new URL(route.request().url()).pathname.replace('/report/', ''))) }));
  const { id } = reports[12].samples.find(({ written }) => written);
  await page.goto(`http://127.0.0.1/report/index.html#samples?sample=${id}`);
  assert.equal(await page.getByRole('link', { name: 'Open in viewer' }).getAttribute('href'), `/viewer.html?id=${id}`);
  assert.deepEqual(page.wrong, []);
});

test('light and dark: as the system, until the reader chooses', long_form, async (t) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const page = await open(t, 12, '', { colorScheme: 'dark' });
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  assert.notEqual(dark, light);
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  assert.equal(await ground(), dark);
  await page.reload();
  await page.locator('main > .page').waitFor();
  assert.equal(await ground(), dark, 'the choice is kept');
  await page.getByRole('button', { name: 'Switch to light colours' }).click();
  assert.equal(await ground(), light);
});

test('all is reached by the keyboard', long_form, async (t) => {
  const page = await open(t, 5000, '');
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the content');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Samples');
  await page.keyboard.press('Enter');
  await page.locator('.scroller').focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), reports[5000].samples[0].id);
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), reports[5000].samples[30].id);
  await page.keyboard.press('End');
  assert.equal(await focused(), reports[5000].samples.at(-1).id);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
});

test('axe finds nothing', async (t) => {
  const page = await open(t, 12);
  const { sample } = reports[12].problems[0];
  for (const view of [...views, `samples?sample=${sample}`, `overview?sample=${sample}`]) {
    await page.goto(`${page.url().split('#')[0]}#${view}`);
    await page.locator(`body[data-view=${view.split('?')[0]}]`).waitFor();
    await page.waitForTimeout(300);
    if (view === 'plots') for (const summary of await page.locator('figure summary').all()) await summary.click();
    if (view === 'samples') await page.getByText('Columns', { exact: true }).click();
    await assert_accessible(page, view);
  }
});
