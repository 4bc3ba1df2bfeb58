/** Names of resources in quotas and limits (`cpu`, `requests.storage`, `example.com/gpu`). */

import { invalid, type FieldError, type FieldPath } from '../../field/field-error.ts';
import { NON_NEGATIVE } from '../../field/rules.ts';
import { labelKeyProblem } from '../../labels/selector.ts';
import { quantityOf } from '../../quantity/quantity.ts';

const MILLI = 1_000_000n;

/** Counted, so whole numbers only. */
const COUNTED: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

const CONTAINER: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

const QUOTA: ReadonlySet<string> = new Set([
  ...CONTAINER,
  ...CONTAINER.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...COUNTED,
]);

export function isQuotaResource(name: string): boolean {
  return QUOTA.has(name) || /^(requests\.)?hugepages-/.test(name);
}

/** Kubernetes' own, as opposed to those of device plugins. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Whether more of it may be promised than there is. */
export function isOvercommitable(name: string): boolean {
  return isNativeResource(name) && !name.startsWith('hugepages-');
}

/** With a domain that is not Kubernetes' own, and such that a quota can speak of requests for it. */
export function isExtended(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return labelKeyProblem(`requests.${name}`) === undefined;
}

/** With the name of a device class behind it, a resource for which that class stands. */
export const DEVICE_CLASS_RESOURCE_PREFIX = 'deviceclass.resource.kubernetes.io/';

/** Whether a device class can stand for it; else it is a node's own, or nobody's. */
export function mayComeFromDevices(name: string): boolean {
  return name.startsWith(DEVICE_CLASS_RESOURCE_PREFIX) || isExtended(name);
}

export function validateResourceName(path: FieldPath, name: string): FieldError[] {
  const problem = labelKeyProblem(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  if (name.includes('/') || name === 'storage' || isQuotaResource(name)) return [];
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export function validateQuotaResourceName(path: FieldPath, name: string): FieldError[] {
  const errors = validateResourceName(path, name);
  if (name.includes('/') || isQuotaResource(name)) return errors;
  return [...errors, invalid(path, name, 'must be a standard resource for quota')];
}

export function validateContainerResourceName(path: FieldPath, name: string): FieldError[] {
  const errors = validateResourceName(path, name);
  if (!name.includes('/')) {
    if (CONTAINER.includes(name) || name.startsWith('hugepages-')) return errors;
    return [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (isNativeResource(name) || isExtended(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

export function validateResourceAmount(path: FieldPath, name: string, text: string): FieldError[] {
  const { nanos } = quantityOf(text);
  const errors: FieldError[] = [];
  if (nanos < 0n) errors.push(invalid(path, text, NON_NEGATIVE));
  const isInteger = (nanos / MILLI) % 1000n === 0n;
  if (!isInteger && (COUNTED.includes(name) || isExtended(name))) {
    errors.push(invalid(path, text, 'must be an integer'));
  }
  return errors;
}
