// Debian's Chromium without a window, and what all browser tests ask of a page.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where npm installed the packages and built the pages: web/, or a copy of it that CMake made. */
export const web = process.env.NICOHORT_WEB ?? fileURLToPath(new URL('../../web', import.meta.url));
const require = createRequire(join(web, 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The built-in recipe with something added to it, as a file in a folder; gives the file. */
export function copy_recipe(folder, added) {
  const recipe = join(folder, 'recipe.yaml');
  writeFileSync(recipe, `${readFileSync(new URL('../../recipes/eso-2025.10.31.yaml', import.meta.url), 'utf8')}\n${added}\n`);
  return recipe;
}

/** Chromium as root, in a sandboxed machine, off the network; WebGL by software, which draws nothing else. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--disable-dev-shm-usage', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
      '--disable-gpu-compositing'],
  });
}

/** A new page that keeps what goes wrong in it: errors of scripts, on the console, and requests off this machine. */
export async function open_page(browser, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
  page.setDefaultTimeout(20000);
  page.wrong = [];
  page.on('pageerror', (error) => page.wrong.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && page.wrong.push(`${message.text()} ${message.location().url}`));
  page.on('request', (request) => {
    if (!/^(file|data|blob|about):|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(request.url())) page.wrong.push(`asks for ${request.url()}`);
  });
  return page;
}

/** Empties a page that another test has used: a new one takes seconds. What it stored stays. */
export async function empty(page) {
  await page.unrouteAll();
  await page.goto('about:blank');
  page.wrong = [];
  return page;
}

/** For a test that repeats with a page, by slow software WebGL, what others look at more closely: only in the long form. */
export const long_form = { skip: process.env.NICOHORT_LONG ? false : 'in the long form (NICOHORT_LONG=1)' };

const wcag = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
const colours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }; // all that differs in the dark

/** Fails with what axe finds on the page: labels, roles, contrast and the like, WCAG 2.2 level AA; in light and dark. */
export async function assert_accessible(page, where) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  for (const [colorScheme, runOnly] of [['dark', colours], ['light', wcag]]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ['violations'] }), runOnly);
    const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n` + nodes.slice(0, 4).map((node) => `    ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`).join('\n'));
    assert.deepEqual(told, [], `${where}, ${colorScheme}\n${told.join('\n')}`);
  }
}

/** Waits until the viewer shows a sample. */
export const drawn = (page, id) => page.locator(`canvas[data-sample="${id}"]`).waitFor();

/** What is on the viewer where the slices are: the numbers of pixels of each colour of the overlay, and the mean grey. */
export async function pixels(page) {
  await page.waitForTimeout(200); // drawn with the next frame
  const shot = (await page.locator('canvas').screenshot()).toString('base64');
  return page.evaluate(async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const seen = { blue: 0, orange: 0, green: 0, grey: 0 };
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b] = data.slice(i, i + 3);
      if (b > r + 30 && b > g) seen.blue++;
      else if (r > g + 20 && g > b + 20) seen.orange++;
      else if (g > r + 30 && g > b + 5) seen.green++;
      seen.grey += g / (data.length / 4);
    }
    return seen;
  }, shot);
}
