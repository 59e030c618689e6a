// Two classic scripts with fixed names: a page opened from disk can load neither ES modules nor files of unknown name.
// `vite build --mode report` empties dist/ and writes the report and both pages; `--mode viewer` adds the viewer.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig } from 'vite';

// The package folder that a bundled module comes from; null for our own.
function package_of(module) {
  if (!module.includes('/node_modules/')) return null;
  for (let folder = dirname(module.replace(/^\0/, '').split('?')[0]); folder.includes('node_modules'); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version) return folder;
  }
  return null;
}

// Puts the licences of everything bundled at the head of the script, which is passed on without its packages.
const licences = () => ({
  name: 'licences',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      const notices = [...new Set(Object.keys(chunk.modules).map(package_of))].filter(Boolean).sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        const text = file ? readFileSync(join(folder, file), 'utf8').trim().replaceAll('*/', '* /') : '';
        return `${name} ${version} (${license})\n\n${text}`;
      });
      chunk.code = `/*! Parts of other projects in this file:\n\n${notices.join('\n\n----\n\n')}\n*/\n${chunk.code}`;
    }
  },
});

export default defineConfig(({ mode }) => ({
  publicDir: mode === 'report' ? 'public' : false,
  plugins: [licences()],
  build: {
    target: ['chrome123', 'firefox120', 'safari17.5'],
    emptyOutDir: mode === 'report',
    chunkSizeWarningLimit: 5000,
    reportCompressedSize: false,
    lib: {
      entry: `src/${mode}/main.ts`,
      name: `nicohort_${mode}`,
      formats: ['iife'],
      fileName: () => `${mode}.js`,
      cssFileName: mode,
    },
  },
}));
