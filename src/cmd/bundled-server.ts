/**
 * What the bundle imports instead of `server.ts`: the server is a program of its own there, so that its compiled
 * code can be kept. The build puts the program's name in.
 */

import { fileURLToPath } from 'node:url';
import { loadProgram } from './kept-code.ts';
import type * as server from './server.ts';
import type { ServerFlags } from './settings.ts';

declare const SERVER_PROGRAM: string;

export function runServer(flags: ServerFlags): Promise<void> {
  const folder = fileURLToPath(new URL('./compiled', import.meta.url));
  const program = loadProgram<typeof server>(new URL(SERVER_PROGRAM, import.meta.url), folder);
  return program.exports.runServer(flags, (disk) => program.keep(disk));
}
