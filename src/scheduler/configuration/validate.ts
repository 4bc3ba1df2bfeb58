/** What is wrong with a configuration as a whole, worded as upstream's validation words it. Pure. */

import * as error from '../../api/field/field-error.ts';
import { ROOT_PATH, type FieldError, type FieldPath } from '../../api/field/field-error.ts';
import { asJson } from '../../api/field/rules.ts';
import { isNativeResource } from '../../api/groups/core/resource-names.ts';
import { labelKeyProblem } from '../../api/labels/selector.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import {
  EXTENSION_POINTS,
  type Extender,
  type KubeSchedulerConfiguration,
  type KubeSchedulerProfile,
  type Plugins,
} from './document.ts';
import { API_VERSION } from './notation.ts';
import { POINTS_OF, REMOVED_PLUGINS } from './plugin-points.ts';
import { enabledPlugins } from './plugin-sets.ts';

const PROFILES = ROOT_PATH.child('profiles');
const REMOVED = `was invalid in version "${API_VERSION}" (KubeSchedulerConfiguration is version "${API_VERSION}")`;

/** `profiles` with their names filled in; the arguments of plugins are judged beside this. */
export function validateConfiguration(
  configuration: KubeSchedulerConfiguration,
  profiles: readonly KubeSchedulerProfile[],
): FieldError[] {
  const { parallelism = 16, percentageOfNodesToScore, extenders = [] } = configuration;
  const { podInitialBackoffSeconds: first = 1, podMaxBackoffSeconds: last = 10 } = configuration;
  const at = (name: string): FieldPath => ROOT_PATH.child(name);
  const errors: FieldError[] = [];
  if (parallelism <= 0) {
    const detail = 'should be an integer value greater than zero';
    errors.push(error.invalid(at('parallelism'), parallelism, detail));
  }
  errors.push(
    ...profiles.flatMap((profile, i) => validateProfile(PROFILES.index(i), profile)),
    ...validateNames(profiles),
    ...validateQueueSort(profiles),
    ...validatePercentage(at('percentageOfNodesToScore'), percentageOfNodesToScore),
  );
  if (first <= 0) errors.push(error.invalid(at('podInitialBackoffSeconds'), first, 'must be greater than 0'));
  if (last < first) {
    const detail = 'must be greater than or equal to PodInitialBackoffSeconds';
    errors.push(error.invalid(at('podMaxBackoffSeconds'), last, detail));
  }
  return [...errors, ...validateExtenders(at('extenders'), extenders)];
}

function validatePercentage(path: FieldPath, value: number | undefined): FieldError[] {
  if (value === undefined || (value >= 0 && value <= 100)) return [];
  return [error.invalid(path, value, 'not in valid range [0-100]')];
}

function validateNames(profiles: readonly KubeSchedulerProfile[]): FieldError[] {
  const first = new Map<string, number>();
  return profiles.flatMap(({ schedulerName = '' }, i) => {
    const before = first.get(schedulerName);
    first.set(schedulerName, before ?? i);
    if (before === undefined) return [];
    const other = PROFILES.index(before).child('schedulerName').toString();
    return [error.duplicate(PROFILES.index(i).child('schedulerName'), other)];
  });
}

function validateProfile(path: FieldPath, profile: KubeSchedulerProfile): FieldError[] {
  const { schedulerName = '', percentageOfNodesToScore, plugins = {}, pluginConfig = [] } = profile;
  const seen = new Set<string>();
  return [
    ...(schedulerName === '' ? [error.required(path.child('schedulerName'))] : []),
    ...validatePercentage(path.child('percentageOfNodesToScore'), percentageOfNodesToScore),
    ...validatePlugins(path.child('plugins'), plugins),
    ...validateSingles(path.child('plugins'), schedulerName, plugins),
    ...pluginConfig.flatMap(({ name }, i) => {
      const at = path.child('pluginConfig').index(i);
      const isDouble = seen.has(name);
      seen.add(name);
      return [
        ...(isDouble ? [error.duplicate(at, name)] : []),
        ...(REMOVED_PLUGINS.includes(name) ? [error.invalid(at, name, REMOVED)] : []),
      ];
    }),
  ];
}

/** What upstream finds out only when it makes the profile is told with the rest here. */
function validatePlugins(path: FieldPath, plugins: Plugins): FieldError[] {
  const errors: FieldError[] = [];
  for (const point of ['multiPoint', ...EXTENSION_POINTS] as const) {
    const seen = new Set<string>();
    for (const [i, { name }] of (plugins[point]?.enabled ?? []).entries()) {
      const at = path.child(point, 'enabled').index(i);
      const points = POINTS_OF.get(name);
      if (REMOVED_PLUGINS.includes(name)) errors.push(error.invalid(at, name, REMOVED));
      else if (points === undefined) errors.push(error.invalid(at, name, 'plugin does not exist'));
      else if (point !== 'multiPoint' && !points.includes(point))
        errors.push(error.invalid(at, name, `plugin does not extend ${point}`));
      if (seen.has(name)) errors.push(error.duplicate(at, name));
      seen.add(name);
    }
  }
  return errors;
}

/** Without an order or a way to bind there is no scheduling. */
function validateSingles(path: FieldPath, schedulerName: string, plugins: Plugins): FieldError[] {
  const defaults = [{ name: 'PrioritySort' }, { name: 'DefaultBinder' }];
  const { queueSort, bind } = enabledPlugins(plugins, defaults);
  const profile = `for profile with scheduler name ${JSON.stringify(schedulerName)}`;
  return [
    ...(queueSort.length > 0
      ? []
      : [error.required(path.child('queueSort'), `a queue sort plugin is required ${profile}`)]),
    ...(bind.length > 0
      ? []
      : [error.required(path.child('bind'), `at least one bind plugin is needed ${profile}`)]),
  ];
}

/** All profiles share one queue. */
function validateQueueSort(profiles: readonly KubeSchedulerProfile[]): FieldError[] {
  const [first, ...others] = profiles.map(({ plugins }) => plugins?.queueSort ?? {});
  const own = first?.enabled ?? [];
  const errors: FieldError[] = [];
  if (own.length > 1) {
    const at = PROFILES.index(0).child('plugins', 'queueSort', 'Enabled');
    errors.push(error.invalid(at, own.length, 'only one queue sort plugin can be enabled'));
  }
  for (const [i, other] of others.entries()) {
    if (deepEqual(other, first ?? {})) continue;
    const at = PROFILES.index(i + 1).child('plugins', 'queueSort');
    errors.push(error.invalid(at, asJson(other), 'must be the same for all profiles'));
  }
  return errors;
}

function validateExtenders(path: FieldPath, extenders: readonly Extender[]): FieldError[] {
  const managed = new Set<string>();
  const errors: FieldError[] = [];
  for (const [
    i,
    { urlPrefix, prioritizeVerb = '', weight = 0, managedResources = [] },
  ] of extenders.entries()) {
    const at = path.index(i);
    if (!URL.canParse(urlPrefix))
      errors.push(error.invalid(at.child('urlPrefix'), urlPrefix, 'must be an absolute URL'));
    if (prioritizeVerb !== '' && weight <= 0)
      errors.push(error.invalid(at.child('weight'), weight, 'must have a positive weight applied to it'));
    for (const [j, { name }] of managedResources.entries()) {
      const namePath = at.child('managedResources').index(j).child('name');
      errors.push(...validateExtendedResource(namePath, name));
      if (managed.has(name))
        errors.push(error.invalid(namePath, name, 'duplicate extender managed resource name'));
      managed.add(name);
    }
  }
  const binders = extenders.filter(({ bindVerb = '' }) => bindVerb !== '').length;
  if (binders > 1) {
    const found = `found ${binders} extenders implementing bind`;
    errors.push(error.invalid(path, found, 'only one extender can implement bind'));
  }
  return errors;
}

function validateExtendedResource(path: FieldPath, name: string): FieldError[] {
  const problem = labelKeyProblem(name);
  if (problem !== undefined) return [error.invalid(path, name, problem)];
  const isExtended = !isNativeResource(name) && !name.startsWith('requests.');
  return isExtended ? [] : [error.invalid(path, name, 'is an invalid extended resource name')];
}
