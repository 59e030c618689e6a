// Writes a made-up report with its data and thumbnails, to work on the pages and to test them:
//   npm run mock FOLDER [SAMPLES=12] [SEED=1] [LAYOUT=phases]
// The pages come from dist/, which `npm run build` makes.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { make_report } from './cohort.mjs';
import { make_dice } from './dice.mjs';
import { layouts } from './layouts.mjs';
import { thumbnail } from './thumbnail.mjs';

const pictures = 24; // different ones; drawing one for each of thousands of samples would take minutes

/** The pages are copied from the folder `dist`; `layout` is one of `layouts`. */
export function make(folder, dist, count = 12, seed = 1, layout = 'phases') {
  const report = layouts[layout](make_report(count, seed));
  mkdirSync(join(folder, 'thumbnails'), { recursive: true });
  for (const name of ['index.html', 'report.js', 'report.css']) cpSync(join(dist, name), join(folder, name));
  writeFileSync(join(folder, 'data.js'), `window.nicohort = ${JSON.stringify(report).replaceAll('<', '\\u003c')};\n`);
  const dice = make_dice(seed);
  const made = Array.from({ length: Math.min(pictures, count) }, () => thumbnail(dice));
  report.samples.forEach((sample, i) => sample.thumbnail && writeFileSync(join(folder, sample.thumbnail), made[i % made.length]));
  return report;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, count, seed, layout] = process.argv.slice(2);
  if (!folder) throw new Error('usage: node mock/make.mjs FOLDER [SAMPLES] [SEED] [LAYOUT]');
  make(folder, fileURLToPath(new URL('../dist', import.meta.url)), Number(count ?? 12), Number(seed ?? 1), layout);
}
