/** The thread of `first-credentials.ts`: ends when the files are written. */

import { workerData } from 'node:worker_threads';
import { createNodeClock } from '../host/node/clock.ts';
import { createNodeDisk } from '../host/node/disk.ts';
import { loadCredentials } from './credentials.ts';
import type { CredentialOrder } from './first-credentials.ts';

const order = workerData as CredentialOrder;
await loadCredentials({ ...order, disk: createNodeDisk(), clock: createNodeClock() });
