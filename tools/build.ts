/**
 * `npm run build`: bundles the command line into `dist/`, with the parts that are imported when needed as
 * files of their own, and generates the field descriptions. What `npm start` runs; starts several times
 * faster than the sources.
 */

import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { builtinModules } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;
const descriptions = `${root}src/api/schema/descriptions.gen.json`;

if (!existsSync(descriptions)) {
  execFileSync(process.execPath, [`${root}tools/generate-descriptions.ts`], { stdio: 'inherit' });
}
/**
 * Libraries are bundled: finding and compiling their many small files takes a tenth of a cold start. This one
 * stays where npm put it: imported lazily, as it is, a bundled library of the older module format loses its
 * names.
 */
const grpc: Plugin = {
  name: 'grpc',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@grpc\// }, ({ path }) => ({ path, external: true }));
  },
};
/**
 * Imported as modules, Node's own parts are made into modules first, with every export read: that costs more than
 * loading them, and `node:http` loads a whole HTTP client for it. Asked for by name they are what they are; only
 * what is used of them is read.
 */
const builtin: Plugin = {
  name: 'builtin',
  setup: ({ onResolve, onLoad }) => {
    const filter = new RegExp(`^(node:.*|${builtinModules.join('|')})$`);
    onResolve({ filter }, ({ path, kind }) => {
      const namespace = kind === 'require-call' ? 'builtin object' : 'builtin names';
      return { path: path.replace(/^node:/, ''), namespace, sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace: 'builtin object' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
    onLoad({ filter: /.*/, namespace: 'builtin names' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(`node:${path}`) ?? {}).filter(
        (name) => /^[a-z_$][\w$]*$/i.test(name) && name !== 'default',
      );
      const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => own.${name})();`);
      const own = `const own = /* @__PURE__ */ process.getBuiltinModule('node:${path}');`;
      return { contents: [own, 'export default own;', ...exports].join('\n') };
    });
  },
};
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const shared: BuildOptions = {
  outdir: out,
  bundle: true,
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  // Comments and blanks take time to read, and one letter beyond ASCII in them doubles the text in memory.
  minify: true,
  sourcemap: 'linked',
  logLevel: 'warning',
};
/** A program of one file, as `cmd/kept-code.ts` runs it; the hash in its name is what its compiled code goes by. */
const { outputs } = (
  await build({
    ...shared,
    entryPoints: { server: `${root}src/cmd/server.ts` },
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    banner: { js: '(function (module, require, programUrl) {' },
    footer: { js: '})' },
    define: { 'import.meta.url': 'programUrl' },
    supported: { 'dynamic-import': false },
    plugins: [builtin, grpc],
    metafile: true,
  })
).metafile;
const program = Object.keys(outputs).find((path) => path.endsWith('.cjs')) ?? '';
/** The command line itself is one file too: what it declares is looked through before anything else can begin. */
const commands = new Set<string>();
const apart: Plugin = {
  name: 'commands apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/.*\.ts$/ }, ({ path, importer, kind }) => {
      if (importer !== `${root}src/cmd/main.ts` || kind !== 'dynamic-import') return undefined;
      const name = basename(path, '.ts');
      if (name === 'server') return { path: `${root}src/cmd/bundled-server.ts` };
      commands.add(name);
      return { path: `./${name}.mjs`, external: true };
    });
  },
};
const modules = { ...shared, format: 'esm', outExtension: { '.js': '.mjs' } } as const;
await build({
  ...modules,
  entryPoints: { k8ts: `${root}src/cmd/main.ts` },
  define: { SERVER_PROGRAM: JSON.stringify(`./${basename(program)}`) },
  plugins: [apart, builtin, grpc],
});
await build({
  ...modules,
  entryPoints: [...commands, 'snapshot-thread'].map((name) => `${root}src/cmd/${name}.ts`),
  splitting: true,
  plugins: [builtin, grpc],
});
copyFileSync(descriptions, `${out}/descriptions.json`);
writeFileSync(`${out}/built`, '');
