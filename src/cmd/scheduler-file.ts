/** The file that `--scheduler-config` names. */

import type { Disk } from '../host/host.ts';
import { readConfiguration, type SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { UsageError, type ClusterSettings } from './settings.ts';

/** Undefined when none is named. Throws a `UsageError` that says everything that is wrong with it. */
export async function schedulerConfigurationOf(
  disk: Disk,
  { schedulerConfig = '' }: Pick<ClusterSettings, 'schedulerConfig'>,
): Promise<SchedulerConfiguration | undefined> {
  if (schedulerConfig === '') return undefined;
  const bytes = await disk.readFile(schedulerConfig);
  if (bytes === undefined)
    throw new UsageError(`--scheduler-config ${schedulerConfig}: there is no such file`);
  const read = await readConfiguration(Buffer.from(bytes).toString());
  if (read.ok) return read.configuration;
  const lines = read.problems.map((problem) => `\n  ${problem}`).join('');
  throw new UsageError(`--scheduler-config ${schedulerConfig} is not valid:${lines}`);
}
