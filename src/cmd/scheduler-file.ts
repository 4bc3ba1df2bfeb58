/** The file that `--scheduler-config` names, and what `--feature-gates` adds to it. */

import { dirname, resolve } from 'node:path';
import { fieldErrorText } from '../api/field/field-error.ts';
import type { Disk } from '../host/host.ts';
import {
  DEFAULT_TEXT,
  readConfiguration,
  type SchedulerConfiguration,
} from '../scheduler/configuration/configuration.ts';
import { parseFeatureGates } from '../scheduler/configuration/feature-gates.ts';
import { withTlsFiles } from '../scheduler/extenders/tls-files.ts';
import { UsageError, type ClusterSettings } from './settings.ts';

/** Undefined when neither is given. Throws a `UsageError` that says everything that is wrong with it. */
export async function schedulerConfigurationOf(
  disk: Disk,
  { schedulerConfig = '', featureGates = '' }: Pick<ClusterSettings, 'schedulerConfig' | 'featureGates'>,
): Promise<SchedulerConfiguration | undefined> {
  const gates = parseFeatureGates(featureGates);
  if (!gates.ok) throw new UsageError(`--feature-gates ${featureGates}: ${gates.problem}`);
  if (schedulerConfig === '') {
    const read = featureGates === '' ? undefined : await readConfiguration(DEFAULT_TEXT, gates.gates);
    return read?.ok === true ? read.configuration : undefined;
  }
  const bytes = await disk.readFile(schedulerConfig);
  if (bytes === undefined)
    throw new UsageError(`--scheduler-config ${schedulerConfig}: there is no such file`);
  const read = await readConfiguration(Buffer.from(bytes).toString(), gates.gates);
  if (!read.ok) throw invalid(schedulerConfig, read.problems);
  const folder = dirname(schedulerConfig);
  const files = await withTlsFiles(read.configuration.extenders, (path) =>
    disk.readFile(resolve(folder, path)),
  );
  if (files.problems.length > 0) throw invalid(schedulerConfig, files.problems.map(fieldErrorText));
  return { ...read.configuration, extenders: files.extenders };
}

function invalid(file: string, problems: readonly string[]): UsageError {
  const lines = problems.map((problem) => `\n  ${problem}`).join('');
  return new UsageError(`--scheduler-config ${file} is not valid:${lines}`);
}
