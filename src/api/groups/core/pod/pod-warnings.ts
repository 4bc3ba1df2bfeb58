/**
 * What is allowed in a pod but most likely not meant, told to the client as warnings (upstream's
 * `pkg/api/pod/warnings.go`). `path` is the place of the pod or template in its object: empty for pods.
 */

import { ROOT_PATH, type FieldPath } from '../../../field/field-error.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import { quantityOf } from '../../../quantity/quantity.ts';
import type { Container, EnvVar, ObjectMeta, Pod, PodSpec, PodTemplateSpec } from '../../../types.gen.ts';
import { bySpec } from './by-spec.ts';
import { portWarnings, type PlacedContainer } from './port-warnings.ts';
import { schedulingWarnings } from './scheduling-warnings.ts';

const WHOLE = 1_000_000_000n;
/** Every pod that is written comes here, and almost none deserves a warning: asking must cost little. */
const NONE: readonly string[] = [];

const ANNOTATIONS: readonly (readonly [key: string, message: string])[] = [
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  [
    'security.alpha.kubernetes.io/unsafe-sysctls',
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
];

const VOLUME_TYPES: readonly (readonly [type: string, message: string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function podWarnings(pod: Pod, old: Pod | undefined): readonly string[] {
  const use = "this is used in the Pod's hostname";
  const { scheduling, others } = ofSpec(pod.spec);
  return [
    ...(old === undefined ? nameWarnings(pod.metadata, use) : []),
    ...scheduling,
    ...annotationWarnings(ROOT_PATH, pod.metadata.annotations),
    ...others,
  ];
}

const ofSpec = bySpec((spec) => specWarnings(ROOT_PATH.child('spec'), spec));

export function templateWarnings(path: FieldPath, template: PodTemplateSpec): readonly string[] {
  const { scheduling, others } = specWarnings(path.child('spec'), template.spec);
  return [...scheduling, ...annotationWarnings(path, template.metadata.annotations), ...others];
}

/** For objects whose name becomes part of the names of their pods. */
export function ownerNameWarnings(metadata: ObjectMeta): readonly string[] {
  return nameWarnings(metadata, 'this is used in Pod names and hostnames');
}

function nameWarnings({ name = '' }: ObjectMeta, use: string): readonly string[] {
  const problem = dns1123LabelProblem(name);
  if (name === '' || problem === undefined) return [];
  const why = `${use}, which can result in surprising behavior; a DNS label is recommended`;
  return [`metadata.name: ${why}: [${problem}]`];
}

/** Amounts of bytes must be whole. */
export function fractionWarnings(path: FieldPath, name: string, text: string | undefined): readonly string[] {
  if (text === undefined || quantityOf(text).nanos % WHOLE === 0n) return NONE;
  return [`${path.key(name).toString()}: fractional byte value "${text}" is invalid, must be an integer`];
}

interface SpecWarnings {
  /** Those that come before warnings about annotations. */
  readonly scheduling: readonly string[];
  readonly others: readonly string[];
}

function specWarnings(at: FieldPath, spec: PodSpec): SpecWarnings {
  const containers = containersOf(at, spec);
  const others = [
    ...volumeWarnings(at, spec.volumes),
    ...duplicateWarnings(at.child('hostAliases'), 'ip', spec.hostAliases),
    ...duplicateWarnings(at.child('imagePullSecrets'), 'name', spec.imagePullSecrets),
    ...pullSecretWarnings(at, spec),
    ...bytesWarnings(at.child('overhead'), spec.overhead),
    ...containers.flatMap(([container, place]) => containerWarnings(place, container)),
    ...portWarnings(containers),
    ...graceWarnings(at, spec),
  ];
  return { scheduling: schedulingWarnings(at, spec), others };
}

function annotationWarnings(path: FieldPath, given: ObjectMeta['annotations']): readonly string[] {
  if (given === undefined) return NONE;
  const annotations = path.child('metadata', 'annotations');
  return ANNOTATIONS.filter(([key]) => key in given).map(
    ([key, message]) => `${annotations.key(key).toString()}: ${message}`,
  );
}

function containersOf(path: FieldPath, spec: PodSpec): readonly PlacedContainer[] {
  const placed = (field: string, list: readonly Container[] | undefined): PlacedContainer[] =>
    (list ?? []).map((container, i) => [container, path.child(field).index(i)]);
  const ephemeral = (spec.ephemeralContainers ?? []) as unknown as readonly Container[];
  return [
    ...placed('initContainers', spec.initContainers),
    ...placed('containers', spec.containers),
    ...placed('ephemeralContainers', ephemeral),
  ];
}

function volumeWarnings(path: FieldPath, volumes: PodSpec['volumes'] = []): readonly string[] {
  return volumes.flatMap((volume, i) => {
    const old = VOLUME_TYPES.filter(([type]) => type in volume);
    if (old.length === 0 && volume.ephemeral === undefined) return NONE;
    const at = path.child('volumes').index(i);
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec.resources;
    const resources = at.child('ephemeral', 'volumeClaimTemplate', 'spec', 'resources');
    return [
      ...old.map(([type, message]) => `${at.child(type).toString()}: ${message}`),
      ...fractionWarnings(resources.child('requests'), 'storage', claim?.requests?.['storage']),
      ...fractionWarnings(resources.child('limits'), 'storage', claim?.limits?.['storage']),
    ];
  });
}

function duplicateWarnings<K extends string>(
  path: FieldPath,
  key: K,
  items: readonly { readonly [P in K]?: string }[] = [],
): readonly string[] {
  if (items.length < 2) return NONE;
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const text: string = item[key] ?? '';
    if (seen.has(text)) return [`${path.index(i).child(key).toString()}: duplicate ${key} "${text}"`];
    seen.add(text);
    return [];
  });
}

function pullSecretWarnings(path: FieldPath, spec: PodSpec): readonly string[] {
  return (spec.imagePullSecrets ?? []).flatMap(({ name = '' }, i) =>
    name === ''
      ? [`${path.child('imagePullSecrets').index(i).child('name').toString()}: invalid empty name ""`]
      : [],
  );
}

type ResourceList = { readonly [name: string]: string } | undefined;

function bytesWarnings(path: FieldPath, list: ResourceList): readonly string[] {
  if (list === undefined) return NONE;
  return ['memory', 'ephemeral-storage'].flatMap((name) => fractionWarnings(path, name, list?.[name]));
}

function containerWarnings(path: FieldPath, { resources, env = [] }: Container): readonly string[] {
  const { limits, requests } = resources;
  return [
    ...bytesWarnings(path.child('resources', 'limits'), limits),
    ...bytesWarnings(path.child('resources', 'requests'), requests),
    ...hiddenWarnings(path.child('env'), env),
  ];
}

/** A later variable hides an earlier one of its name, unless it builds upon it. */
function hiddenWarnings(path: FieldPath, env: readonly EnvVar[]): readonly string[] {
  if (env.length < 2) return NONE;
  const seen = new Set<string>();
  return env.flatMap(({ name, value = '', valueFrom }, i) => {
    const reference = `$(${name})`;
    const builds = valueFrom === undefined && value !== reference && value.includes(reference);
    const hides = seen.has(name) && !builds;
    seen.add(name);
    return hides ? [`${path.index(i).toString()}: hides previous definition of "${name}"`] : [];
  });
}

function graceWarnings(
  path: FieldPath,
  { terminationGracePeriodSeconds: seconds = 0 }: PodSpec,
): readonly string[] {
  if (seconds >= 0) return NONE;
  const at = path.child('terminationGracePeriodSeconds').toString();
  return [`${at}: must be >= 0; negative values are invalid and will be treated as 1`];
}
