// Times how the viewer reads two files of the same volume, by turns in Chromium: NVImage.loadFromUrl() of NiiVue, which is
// given the file's bytes (web/src/viewer/scene.ts).
// usage: NICOHORT_WEB=FOLDER node viewer_reading.mjs ROUNDS OURS THEIRS    (FOLDER: where npm installed the packages of web/)
// Prints, as JSON: medians of seconds, and the median of their ratios within a round.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch, web } from '../tests/browser/browser.mjs';

const [rounds, ...paths] = process.argv.slice(2);
const { buildSync } = createRequire(join(web, 'package.json'))('esbuild');
const contents = `import { NVImage } from '@niivue/niivue'; window.NVImage = NVImage;`;
const [{ text: script }] = buildSync({ stdin: { contents, resolveDir: web }, bundle: true, write: false }).outputFiles;

const served = { '/': '<script src="reader.js"></script>', '/reader.js': script, '/0': readFileSync(paths[0]), '/1': readFileSync(paths[1]) };
const server = createServer((request, response) => {
  if (request.url in served) response.end(served[request.url]);
  else response.writeHead(404).end();
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const browser = await launch();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);
const seconds = await page.evaluate(async (count) => {
  const files = await Promise.all(['/0', '/1'].map(async (url) => (await fetch(url)).arrayBuffer()));
  const taken = [];
  for (let round = 0; round < count; ++round) {
    const volumes = [];
    taken.push([]);
    for (const i of round % 2 ? [1, 0] : [0, 1]) {
      const begin = performance.now();
      volumes[i] = await window.NVImage.loadFromUrl({ url: 'image.nii.gz', name: 'image.nii.gz', buffer: files[i] });
      taken[round][i] = (performance.now() - begin) / 1000;
    }
    const [ours, theirs] = volumes.map(({ img }) => img);
    if (!ours.length || ours.length !== theirs.length || ours.some((value, i) => value !== theirs[i])) throw new Error('other voxels');
  }
  return taken;
}, +rounds);
await browser.close();
server.close();

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
console.log(JSON.stringify([seconds.map(([ours]) => ours), seconds.map(([, theirs]) => theirs), seconds.map(([ours, theirs]) => ours / theirs)].map(median)));
