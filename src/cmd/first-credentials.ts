/**
 * The keys and certificates of a new cluster, made in a thread of their own: the library of certificates
 * takes some hundred milliseconds to load and to warm up, in which the server can be loaded.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CredentialParts } from './credentials.ts';

/** What the thread is given. */
export type CredentialOrder = Pick<CredentialParts, 'folder' | 'hosts'>;

/** Does nothing where there are any. Rejects with what went wrong in the thread. */
export function makeFirstCredentials(order: CredentialOrder): Promise<void> {
  if (existsSync(join(order.folder, 'ca.crt'))) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const program = import.meta.url.endsWith('.ts') ? './credentials-thread.ts' : './credentials-thread.mjs';
  const thread = new Worker(new URL(program, import.meta.url), { workerData: order });
  thread.once('error', reject);
  thread.once('exit', () => resolve());
  return promise;
}
