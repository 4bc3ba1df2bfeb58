/** Sizes as the types of variables declare them: the estimator for rules of custom resources. */

import type { CelType } from '../types/type.ts';
import type { SizeEstimator } from './estimate.ts';
import type { Range } from './size.ts';

export function declaredSizes(variables: ReadonlyMap<string, CelType>): SizeEstimator {
  return ([variable, ...steps]) => {
    let type = variable === undefined ? undefined : variables.get(variable);
    for (const step of steps) type = type === undefined ? undefined : typeAt(type, step);
    return type === undefined ? undefined : sizeOf(type);
  };
}

function typeAt(type: CelType, step: string): CelType | undefined {
  if (type.kind === 'list') return step === '@items' ? type.items : undefined;
  if (type.kind === 'map') return step === '@keys' ? type.keys : type.values;
  return type.kind === 'object' ? type.field(step)?.type : undefined;
}

function sizeOf(type: CelType): Range | undefined {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'list':
    case 'map':
    case 'dyn':
      return type.maxElements === undefined ? undefined : { min: 0, max: type.maxElements };
    default:
      // Upstream declares no size for anything else, which counts as none.
      return { min: 0, max: ('maxElements' in type ? type.maxElements : undefined) ?? 0 };
  }
}
