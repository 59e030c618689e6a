// Writes dist/: the two pages, and for each a classic script and a style sheet with fixed names, as a page opened from
// disk can load neither ES modules nor files of unknown name.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

// The package folder that a bundled file comes from; null for our own.
function package_of(file) {
  for (let folder = dirname(file); folder.includes('node_modules'); folder = dirname(folder)) {
    const about = join(folder, 'package.json');
    if (existsSync(about) && JSON.parse(readFileSync(about, 'utf8')).version) return folder;
  }
  return null;
}

// The licences of all packages that have code in a script, which is passed on without them.
function licences(inputs) {
  const used = Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);
  const notices = [...new Set(used.map(package_of))].filter(Boolean).sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), 'utf8').trim().replaceAll('*/', '* /') : '';
    return `${name} ${version} (${license})\n\n${text}`;
  });
  return `/*! Parts of other projects in this file:\n\n${notices.join('\n\n----\n\n')}\n*/\n`;
}

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { report: 'src/report/main.ts', viewer: 'src/viewer/main.ts' },
  outdir: 'dist',
  bundle: true,
  format: 'iife',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  minify: true,
  charset: 'utf8',
  metafile: true,
});
for (const [script, { inputs }] of Object.entries(metafile.outputs)) {
  if (script.endsWith('.js')) writeFileSync(script, licences(inputs) + readFileSync(script, 'utf8'));
}
cpSync('public', 'dist', { recursive: true });
