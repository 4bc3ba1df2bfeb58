/** Which fields of itself a pod can show to its containers, in the environment and as files. */

import {
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import type { ResourceFieldSelector } from '../../../types.gen.ts';

export const ENVIRONMENT_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const VOLUME_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const SUBSCRIPTED = /^metadata\.(labels|annotations)\['[^']+'\]$/;
const RESOURCES = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/;
const RESOURCE_NAMES: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const DIVISORS: { readonly [resource: string]: readonly string[] } = {
  cpu: ['1m', '1'],
  memory: ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'],
};

/** Whether the field is none of those that can be shown. */
export function downwardFieldProblem(fieldPath: string, fields: readonly string[]): boolean {
  return !fields.includes(fieldPath) && !SUBSCRIPTED.test(fieldPath);
}

/** In a volume the container must be named, since no container surrounds it. */
export function validateResourceField(
  path: FieldPath,
  { containerName = '', resource, divisor }: ResourceFieldSelector,
  inVolume: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (inVolume && containerName === '') errors.push(required(path.child('containerName')));
  if (!RESOURCES.test(resource)) {
    errors.push(notSupported(path.child('resource'), resource, RESOURCE_NAMES));
    return errors;
  }
  const divisors = DIVISORS[resource.endsWith('.cpu') ? 'cpu' : 'memory'] ?? [];
  if (divisor !== '0' && !divisors.includes(divisor)) {
    const detail = `only divisor's values ${divisors.join(', ')} are supported with the ${resource.split('.')[1] ?? ''} resource`;
    errors.push(invalid(path.child('divisor'), divisor, detail));
  }
  return errors;
}
