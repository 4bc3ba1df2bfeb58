/** What is wrong with the arguments of plugins, worded as upstream's validation words it. Pure. */

import * as error from '../../api/field/field-error.ts';
import type { FieldError, FieldPath } from '../../api/field/field-error.ts';
import { asJson } from '../../api/field/rules.ts';
import { validateNodeAffinity } from '../../api/groups/core/pod/validate-scheduling.ts';
import { labelKeyProblem } from '../../api/labels/selector.ts';
import { present } from '../../base/assert.ts';
import { parseDuration } from '../../api/time/time.ts';
import { validateSchema } from '../../api/schema/validate.ts';
import type { TopologySpreadConstraint } from '../../api/types.gen.ts';
import type { ArgsByPlugin, ResourceSpec, ScoringStrategySpec, ShapePointSpec } from './document.ts';
import { argsSchema } from './notation.ts';

type Args<P extends keyof ArgsByPlugin> = NonNullable<ArgsByPlugin[P]>;
type Validators = { readonly [P in keyof ArgsByPlugin]-?: (path: FieldPath, args: Args<P>) => FieldError[] };

const PERCENT_MAX = 100;
const WEIGHT_MAX = 100;
const SHAPE_SCORE_MAX = 10;
const STRATEGIES: readonly string[] = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];
const DEFAULTING: readonly string[] = ['System', 'List'];
const WHEN_UNSATISFIABLE: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];

export const VALIDATORS: Validators = {
  DefaultPreemption: validatePreemption,
  DynamicResources: validateDynamicResources,
  InterPodAffinity: (path, { hardPodAffinityWeight = 1 }) =>
    between(path.child('hardPodAffinityWeight'), hardPodAffinityWeight, 0, WEIGHT_MAX),
  NodeAffinity: validateAddedAffinity,
  NodeResourcesBalancedAllocation: (path, { resources = [] }) =>
    validateBalanced(path.child('resources'), resources),
  NodeResourcesFit: validateFit,
  PodTopologySpread: validateSpread,
  VolumeBinding: validateVolumeBinding,
};

function between(path: FieldPath, value: number, min: number, max: number): FieldError[] {
  return value < min || value > max
    ? [error.invalid(path, value, `not in valid range [${min}, ${max}]`)]
    : [];
}

function validatePreemption(path: FieldPath, args: Args<'DefaultPreemption'>): FieldError[] {
  const { minCandidateNodesPercentage: percentage = 10, minCandidateNodesAbsolute: absolute = 100 } = args;
  const percentagePath = path.child('minCandidateNodesPercentage');
  const absolutePath = path.child('minCandidateNodesAbsolute');
  const both = (other: string): string => `cannot be zero at the same time as ${other}`;
  return [
    ...between(percentagePath, percentage, 0, PERCENT_MAX),
    ...(absolute < 0 ? [error.invalid(absolutePath, absolute, 'not in valid range [0, inf)')] : []),
    ...(percentage === 0 && absolute === 0
      ? [
          error.invalid(percentagePath, percentage, both('minCandidateNodesAbsolute')),
          error.invalid(absolutePath, absolute, both('minCandidateNodesPercentage')),
        ]
      : []),
  ];
}

const SECOND_NANOS = 1_000_000_000n;

function validateDynamicResources(path: FieldPath, args: Args<'DynamicResources'>): FieldError[] {
  const { filterTimeout = '0s', bindingTimeout = '1s' } = args;
  const refuse = (name: string, value: string, least: bigint, detail: string): FieldError[] => {
    const nanos = parseDuration(value);
    const isFine = typeof nanos === 'bigint' && nanos >= least;
    return isFine ? [] : [error.invalid(path.child(name), value, detail)];
  };
  return [
    ...refuse('filterTimeout', filterTimeout, 0n, 'must be zero or positive'),
    ...refuse('bindingTimeout', bindingTimeout, SECOND_NANOS, 'must be at least 1 second'),
  ];
}

function validateAddedAffinity(path: FieldPath, args: Args<'NodeAffinity'>): FieldError[] {
  const schema = present(argsSchema('NodeAffinity'), 'NodeAffinityArgs');
  return [
    ...validateSchema(schema, args, path),
    ...validateNodeAffinity(path.child('addedAffinity'), args.addedAffinity),
  ];
}

function validateBalanced(path: FieldPath, resources: readonly ResourceSpec[]): FieldError[] {
  const seen = new Set<string>();
  return resources.flatMap(({ name, weight = 1 }, i) => {
    const isDouble = seen.has(name);
    seen.add(name);
    return [
      ...(isDouble ? [error.duplicate(path.index(i).child('name'), name)] : []),
      ...(weight === 1 ? [] : [error.invalid(path.index(i).child('weight'), weight, 'must be 1')]),
    ];
  });
}

function validateFit(path: FieldPath, args: Args<'NodeResourcesFit'>): FieldError[] {
  const { ignoredResources = [], ignoredResourceGroups = [], scoringStrategy } = args;
  const groups = path.child('ignoredResourceGroups');
  return [
    ...ignoredResources.flatMap((name, i) => validateName(path.child('ignoredResources').index(i), name)),
    ...ignoredResourceGroups.flatMap((group, i) => [
      ...(group.includes('/')
        ? [error.invalid(groups.index(i), group, "resource group name can't contain '/'")]
        : []),
      ...validateName(groups.index(i), group),
    ]),
    ...(scoringStrategy === undefined
      ? []
      : validateStrategy(path.child('scoringStrategy'), scoringStrategy)),
  ];
}

function validateName(path: FieldPath, name: string): FieldError[] {
  const problem = labelKeyProblem(name);
  return problem === undefined ? [] : [error.invalid(path, name, problem)];
}

function validateStrategy(path: FieldPath, strategy: ScoringStrategySpec): FieldError[] {
  const { type = '', resources = [], requestedToCapacityRatio: ratio } = strategy;
  const ratioPath = path.child('requestedToCapacityRatio');
  const errors = STRATEGIES.includes(type) ? [] : [error.notSupported(path.child('type'), type, STRATEGIES)];
  for (const [i, { name, weight = 1 }] of resources.entries()) {
    if (weight > 0 && weight <= WEIGHT_MAX) continue;
    const detail = `resource weight of ${name} not in valid range (0, ${WEIGHT_MAX}]`;
    errors.push(error.invalid(path.child('resources').index(i).child('weight'), weight, detail));
  }
  if (type !== 'RequestedToCapacityRatio') {
    if (ratio !== undefined)
      errors.push(error.forbidden(ratioPath, 'must be nil when type is not RequestedToCapacityRatio'));
  } else if (ratio === undefined) {
    errors.push(error.required(ratioPath, 'must be specified when type is RequestedToCapacityRatio'));
  } else errors.push(...validateShape(ratioPath.child('shape'), ratio.shape ?? []));
  return errors;
}

function validateShape(path: FieldPath, shape: readonly ShapePointSpec[]): FieldError[] {
  if (shape.length === 0) return [error.required(path, 'at least one point must be specified')];
  const errors: FieldError[] = [];
  const unsorted = shape.findIndex(
    ({ utilization }, i) => utilization <= (shape[i - 1]?.utilization ?? Number.NEGATIVE_INFINITY),
  );
  if (unsorted > 0) {
    const at = path.index(unsorted).child('utilization');
    errors.push(error.invalid(at, shape[unsorted]?.utilization, 'values must be sorted in increasing order'));
  }
  for (const [i, { utilization, score }] of shape.entries()) {
    errors.push(
      ...between(path.index(i).child('utilization'), utilization, 0, PERCENT_MAX),
      ...between(path.index(i).child('score'), score, 0, SHAPE_SCORE_MAX),
    );
  }
  return errors;
}

function validateSpread(path: FieldPath, args: Args<'PodTopologySpread'>): FieldError[] {
  const { defaultConstraints = [], defaultingType = 'System' } = args;
  const typePath = path.child('defaultingType');
  const errors: FieldError[] = [];
  if (!DEFAULTING.includes(defaultingType))
    errors.push(error.notSupported(typePath, defaultingType, DEFAULTING));
  else if (defaultingType === 'System' && defaultConstraints.length > 0)
    errors.push(error.invalid(typePath, defaultingType, 'when .defaultConstraints are not empty'));
  const seen = new Set<string>();
  for (const [i, constraint] of defaultConstraints.entries()) {
    const at = path.child('defaultConstraints').index(i);
    errors.push(...validateConstraint(at, constraint));
    const pair = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(error.duplicate(at, pair));
    seen.add(pair);
  }
  return errors;
}

function validateConstraint(at: FieldPath, constraint: TopologySpreadConstraint): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
  const when: string = whenUnsatisfiable;
  const whenPath = at.child('whenUnsatisfiable');
  const empty = 'can not be empty';
  const noSelector = 'constraint must not define a selector, as they deduced for each pod';
  return [
    ...(maxSkew <= 0 ? [error.invalid(at.child('maxSkew'), maxSkew, 'not in valid range (0, inf)')] : []),
    ...(topologyKey === ''
      ? [error.required(at.child('topologyKey'), empty)]
      : validateName(at.child('topologyKey'), topologyKey)),
    ...(when === ''
      ? [error.required(whenPath, empty)]
      : WHEN_UNSATISFIABLE.includes(when)
        ? []
        : [error.notSupported(whenPath, when, WHEN_UNSATISFIABLE)]),
    ...(labelSelector === undefined ? [] : [error.forbidden(at.child('labelSelector'), noSelector)]),
  ];
}

function validateVolumeBinding(path: FieldPath, args: Args<'VolumeBinding'>): FieldError[] {
  const { bindTimeoutSeconds = 0, shape } = args;
  const negative = 'invalid BindTimeoutSeconds, should not be a negative value';
  const gated = 'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring';
  return [
    ...(bindTimeoutSeconds < 0
      ? [error.invalid(path.child('bindTimeoutSeconds'), bindTimeoutSeconds, negative)]
      : []),
    ...(shape === undefined ? [] : [error.invalid(path.child('shape'), asJson(shape), gated)]),
  ];
}
