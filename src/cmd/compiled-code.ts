/**
 * What V8 made of the bundle is kept beside it, so that the next start does not compile megabytes again.
 * Where the folder cannot be written, everything goes on as without.
 */

import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Sources are compiled anew each time: they change. */
export function keepCompiledCode(): void {
  if (!import.meta.url.endsWith('.mjs')) return;
  enableCompileCache(fileURLToPath(new URL('compiled', import.meta.url)));
}

/** For programs that run long: otherwise it is kept when they end. */
export function saveCompiledCode(): void {
  if (import.meta.url.endsWith('.mjs')) flushCompileCache();
}
