// Makes the pictures of the README from the demonstration archive: docs/report.png and docs/viewer.png.
// usage, after ./dev test: NICOHORT_BUILD=build/release NICOHORT_WEB=build/release/web node scripts/pictures.mjs
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawn, launch, open_page } from '../tests/browser/browser.mjs';

const program = join(process.env.NICOHORT_BUILD, 'nicohort');
const root = join(mkdtempSync(join(tmpdir(), 'nicohort-pictures-')), 'demo');
execFileSync(program, ['demo', root, '--patients', '12', '--quiet']);
execFileSync(program, ['run', '--root_dir', root, '--quiet']);
const server = spawn(program, ['view', '--root_dir', root]);
const address = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).split('\n')[0])));

const browser = await launch();
const page = await open_page(browser, { viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
await page.goto(address);
await page.getByText('are ready').waitFor();
await page.waitForLoadState('networkidle');
await page.screenshot({ path: 'docs/report.png' });
await page.goto(new URL('/viewer.html?id=TJ_1726298581_pre', address).href);
await drawn(page, 'TJ_1726298581_pre');
await page.getByRole('radio', { name: 'Difference' }).check();
await page.waitForTimeout(2000); // drawn by the processor
await page.screenshot({ path: 'docs/viewer.png' });
await browser.close();
server.kill();
rmSync(join(root, '..'), { recursive: true });
