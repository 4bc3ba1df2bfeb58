/** What runs now, read from the files that the supervisor and the server keep. */

import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { isOurs, readJson } from './process-file.ts';
import type { SupervisorStatus } from './supervisor.ts';

export const SUPERVISE = 'supervise';

export interface ServerFile {
  readonly pid: number;
  readonly url: string;
  readonly version: string;
}

/** The supervisor's status; undefined when it does not run. */
export async function runningSupervisor(folder: DataFolder): Promise<SupervisorStatus | undefined> {
  const status = await readJson<SupervisorStatus>(folder.supervisorStatus);
  return status !== undefined && isOurs(status.pid, SUPERVISE) ? status : undefined;
}

/** What the server wrote when it was ready; undefined when it is not, or no longer, running. */
export async function runningServer(folder: DataFolder): Promise<ServerFile | undefined> {
  const file = await readJson<ServerFile>(join(folder.run, 'server.json'));
  return file !== undefined && isOurs(file.pid, 'server') ? file : undefined;
}
