/** What the kinds that own pods share: rules for their selector and template, and the columns about them. */

import { labelSelectorText } from '../../meta/columns.ts';
import { deepEqual } from '../../meta/equal.ts';
import {
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../field/field-error.ts';
import { fromLabelSelector, matches } from '../../labels/selector.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { Column } from '../../meta/resource-definition.ts';
import type { LabelSelector, PodTemplateSpec } from '../../types.gen.ts';
import { validateLabelSelector } from '../core/pod/validate-label-selector.ts';
import { validatePodTemplate } from '../core/pod/validate-pod-spec.ts';

const SPEC = ROOT_PATH.child('spec');

export interface PodOwner extends KubernetesObject {
  readonly spec: { readonly selector?: LabelSelector; readonly template: PodTemplateSpec };
}

/** `kindName` as upstream spells it in the message: `deployment`, `statefulset`. */
export function validateSelectorAndTemplate(owner: PodOwner, kindName: string): FieldError[] {
  const { selector, template } = owner.spec;
  const errors: FieldError[] = [];
  const path = SPEC.child('selector');
  if (selector !== undefined) {
    errors.push(...validateLabelSelector(path, selector));
    if (fromLabelSelector(selector)?.length === 0) {
      errors.push(invalid(path, asJson(selector), `empty selector is invalid for ${kindName}`));
    }
  }
  const compiled = fromLabelSelector(selector);
  const { labels = {} } = template.metadata;
  if (compiled !== undefined && compiled.length > 0 && !matches(compiled, labels)) {
    const at = SPEC.child('template', 'metadata', 'labels');
    errors.push(invalid(at, { ...labels }, '`selector` does not match template `labels`'));
  }
  errors.push(...validatePodTemplate(SPEC.child('template'), template));
  return errors;
}

/** For owners whose pods always run again. */
export function validateAlwaysRunning({ spec }: PodOwner): FieldError[] {
  const path = SPEC.child('template', 'spec');
  const { restartPolicy = '', activeDeadlineSeconds } = spec.template.spec;
  const errors: FieldError[] = [];
  if (restartPolicy !== 'Always') {
    errors.push(
      restartPolicy === ''
        ? required(path.child('restartPolicy'))
        : notSupported(path.child('restartPolicy'), restartPolicy, ['Always']),
    );
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicaSet is not Supported';
    errors.push(forbidden(path.child('activeDeadlineSeconds'), detail));
  }
  return errors;
}

export function validateSelectorUpdate(next: PodOwner, old: PodOwner): FieldError[] {
  if (deepEqual(next.spec.selector, old.spec.selector)) return [];
  return [invalid(SPEC.child('selector'), asJson(next.spec.selector), 'field is immutable')];
}

export function nonNegative(path: FieldPath, value: number | undefined): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [invalid(path, value, 'must be greater than or equal to 0')];
}

/** Go prints a selector in errors by its fields; JSON says the same. */
function asJson(selector: LabelSelector | undefined): { readonly [key: string]: string } {
  return (selector ?? {}) as unknown as { readonly [key: string]: string };
}

export function countColumn<T>(name: string, description: string, value: (owner: T) => number): Column<T> {
  return { name, type: 'integer', description, priority: 0, value };
}

/** Containers, images and selector, shown with `-o wide`. */
export function templateColumns<T extends PodOwner>(): readonly Column<T>[] {
  const wide = (name: string, description: string, value: (owner: T) => string): Column<T> => ({
    name,
    type: 'string',
    description,
    priority: 1,
    value,
  });
  return [
    wide('Containers', 'Names of each container in the template.', ({ spec }) =>
      spec.template.spec.containers.map((container) => container.name).join(','),
    ),
    wide('Images', 'Images referenced by each container in the template.', ({ spec }) =>
      spec.template.spec.containers.map((container) => container.image ?? '').join(','),
    ),
    wide('Selector', 'Which pods count as its own.', ({ spec }) => labelSelectorText(spec.selector)),
  ];
}
