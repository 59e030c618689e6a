// The viewer's side of `nicohort view`, made up: to work on the viewer and to test it without the program.
//   node mock/serve.mjs [PORT]
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { phantom } from './phantom.mjs';

const token = 'mock-token';
const { volume, before, after, regions } = phantom();
export { regions };
const address_of = (id, name) => `/files/${encodeURIComponent(id)}/${name}.nii.gz`;
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

/**
 * Serves the pages in the folder `dist` and three samples, the last without a mask; resolves to { url, verdicts, close }.
 * `scale`: of the recipe. `others`: samples beside these by ID, of each its images by name, and what is said of it.
 */
export function serve(dist, port = 0, scale = { unit: 'HU', window: [-160, 240] }, others = {}) {
  const files = { '/files/volume.nii.gz': volume, '/files/before.nii.gz': before, '/files/after.nii.gz': after };
  const ids = ['TJ_0012_post', 'TJ_0012_pre', 'XY_0007_pre'];
  const verdicts = {};

  for (const [id, { images }] of Object.entries(others))
    for (const [name, image] of Object.entries(images)) files[address_of(id, name)] = image;

  function other(id) {
    const { images, info } = others[id];
    const address = (name) => (images[name] ? address_of(id, name) : null);
    return {
      id, ...scale, volumes: [{ channel: null, url: address('volume') }],
      masks: { before: address('before'), after: address('after'), labels: [] }, labels: [{ label: 1, name: 'ROI' }], groups: [], regions: [],
      previous: null, next: null, verdict: null, writable_token: token, ...info?.(address),
    };
  }

  function sample(id) {
    if (others[id]) return other(id);
    const at = ids.indexOf(id);
    if (at < 0) return null;
    const masked = id !== 'XY_0007_pre';
    const address = (name) => (masked ? `/files/${name}.nii.gz` : null);
    return {
      id, ...scale, volumes: [{ channel: null, url: '/files/volume.nii.gz' }],
      masks: { before: address('before'), after: address('after'), labels: masked ? [{ label: 1, name: 'EsoROI', url: address('after') }] : [] },
      labels: [{ label: 0, name: 'Bg' }, { label: 1, name: 'EsoROI' }], groups: [{ name: 'tumour', labels: [1] }],
      regions: masked ? regions : [], previous: ids[at - 1] ?? null, next: ids[at + 1] ?? null,
      verdict: verdicts[id] ?? null, writable_token: token,
    };
  }

  async function answer(request) {
    const { pathname } = new URL(request.url, 'http://localhost');
    const id = decodeURIComponent(pathname.split('/')[3] ?? '');
    if (request.method === 'PUT' && pathname.startsWith('/api/verdicts/')) {
      if (request.headers['x-nicohort-token'] !== token) return [403];
      const body = Buffer.concat(await request.toArray());
      verdicts[id] = { ...JSON.parse(body), time: '2026-01-02T03:04:05Z' };
      return [200, JSON.stringify(verdicts[id]), 'application/json'];
    }
    if (pathname.startsWith('/api/samples/')) return sample(id) ? [200, JSON.stringify(sample(id)), 'application/json'] : [404];
    if (files[pathname]) return [200, files[pathname], 'application/gzip'];
    const [, name, kind] = pathname.match(/^\/(viewer\.(html|js|css))$/) ?? [];
    return name ? [200, readFileSync(join(dist, name)), types[kind]] : [404];
  }

  const server = createServer(async (request, response) => {
    const [status, body = '', type = 'text/plain'] = await answer(request);
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () =>
    resolve({ url: `http://127.0.0.1:${server.address().port}`, verdicts, close: () => server.close() })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve(fileURLToPath(new URL('../dist', import.meta.url)), Number(process.argv[2] ?? 8000));
  console.log(`${url}/viewer.html?id=TJ_0012_pre`);
}
