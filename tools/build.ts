/**
 * `npm run build`: bundles the command line into `dist/`, with the parts that are imported when needed as
 * files of their own, and generates the field descriptions. What `npm start` runs; starts several times
 * faster than the sources.
 */

import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;
const descriptions = `${root}src/api/schema/descriptions.gen.json`;

if (!existsSync(descriptions)) {
  execFileSync(process.execPath, [`${root}tools/generate-descriptions.ts`], { stdio: 'inherit' });
}
/**
 * Libraries stay where npm put them: bundled, the older module format loses its names when imported lazily.
 * Those of certificates are bundled all the same: finding and compiling their hundred small files takes a
 * tenth of a cold start.
 */
const BUNDLED = /^(@peculiar\/|asn1js|pvtsutils|pvutils|bytestreamjs|tslib|tsyringe|reflect-metadata)/;
const libraries: Plugin = {
  name: 'libraries',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || BUNDLED.test(path) ? undefined : { path, external: true },
    );
  },
};
/** Imported as a module, `node:http` loads a whole HTTP client for its exports' sake; nobody here uses it. */
const http: Plugin = {
  name: 'http',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:http$/ }, () => ({ path: 'http', namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http');",
    }));
  },
};
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
await build({
  entryPoints: { k8ts: `${root}src/cmd/main.ts` },
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  plugins: [http, libraries],
  sourcemap: 'linked',
  logLevel: 'warning',
});
copyFileSync(descriptions, `${out}/descriptions.json`);
writeFileSync(`${out}/built`, '');
