/**
 * Which fields of a pod may change, by which way, worded as upstream words it (`ValidatePodUpdate`). Pure.
 */

import { forbidden, invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { differences } from '../../../field/rules.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { Container, Pod, PodSpec, Toleration } from '../../../types.gen.ts';

const SPEC = ROOT_PATH.child('spec');

const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` ' +
  '(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if ' +
  'it was previously negative)';

export function validatePodUpdate(next: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  errors.push(...validateContainerCount(next.spec, old.spec), ...validateDeadline(next.spec, old.spec));
  errors.push(...validateSchedulingGates(next.spec, old.spec));
  if (errors.length > 0) return errors;
  if (!onlyAdds(next.spec.tolerations ?? [], old.spec.tolerations ?? [])) {
    const detail = 'existing toleration can not be modified except its tolerationSeconds';
    errors.push(forbidden(SPEC.child('tolerations'), detail));
    return errors;
  }
  const changed = differences('spec', withUpdatable(next.spec, old.spec), old.spec);
  if (changed.length > 0) {
    const detail = `pod updates may not change fields other than ${UPDATABLE}\n${changed.join('\n')}\n`;
    errors.push(forbidden(SPEC, detail));
  }
  return errors;
}

function validateContainerCount(next: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'pod updates may not add or remove containers';
  if (next.containers.length !== old.containers.length)
    errors.push(forbidden(SPEC.child('containers'), detail));
  if ((next.initContainers ?? []).length !== (old.initContainers ?? []).length) {
    errors.push(forbidden(SPEC.child('initContainers'), detail));
  }
  return errors;
}

function validateDeadline(next: PodSpec, old: PodSpec): FieldError[] {
  const { activeDeadlineSeconds: before } = old;
  const { activeDeadlineSeconds: after } = next;
  if (before === undefined) return [];
  const path = SPEC.child('activeDeadlineSeconds');
  if (after === undefined)
    return [invalid(path, null, 'must not update from a positive integer to nil value')];
  if (after <= before) return [];
  return [invalid(path, after, 'must be less than or equal to previous value')];
}

function validateSchedulingGates(next: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  const added = (next.schedulingGates ?? []).filter(({ name }) => !before.has(name));
  return added.map(({ name }) => {
    const index = (next.schedulingGates ?? []).findIndex((gate) => gate.name === name);
    const detail = 'only deletion is allowed, but found new scheduling gate';
    return forbidden(SPEC.child('schedulingGates').index(index), `${detail} '${name}'`);
  });
}

/** Whether every old toleration is still there; how long it holds may change. */
function onlyAdds(next: readonly Toleration[], old: readonly Toleration[]): boolean {
  const bare = ({ tolerationSeconds: _ignored, ...rest }: Toleration): unknown => rest;
  return old.every((before) => next.some((after) => deepEqual(bare(before), bare(after))));
}

/** The new spec with everything that may change put back, so that what still differs is forbidden. */
function withUpdatable(next: PodSpec, old: PodSpec): PodSpec {
  const images = (
    list: readonly Container[] | undefined,
    before: readonly Container[] | undefined,
  ): object[] => (list ?? []).map((container, i) => restore(container, before?.[i] ?? container, ['image']));
  const wasNegative =
    (old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1;
  const fields: (keyof PodSpec)[] = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'];
  if (wasNegative) fields.push('terminationGracePeriodSeconds');
  // While a pod is held back by gates, where it may run can still be narrowed.
  if ((old.schedulingGates ?? []).length > 0) {
    if (narrows(next.nodeSelector ?? {}, old.nodeSelector ?? {})) fields.push('nodeSelector');
    if (
      old.affinity?.nodeAffinity === undefined ||
      deepEqual(next.affinity?.nodeAffinity, old.affinity.nodeAffinity)
    ) {
      fields.push('affinity');
    }
  }
  const containers = images(next.containers, old.containers);
  const initContainers = images(next.initContainers, old.initContainers);
  return restore({ ...next, containers, initContainers } as unknown as PodSpec, old, fields);
}

function narrows(next: { readonly [key: string]: string }, old: { readonly [key: string]: string }): boolean {
  return Object.entries(old).every(([key, value]) => next[key] === value);
}

function restore<T extends object>(next: T, old: T, fields: readonly (keyof T)[]): T {
  const restored = { ...next };
  for (const field of fields) restored[field] = old[field];
  return restored;
}
