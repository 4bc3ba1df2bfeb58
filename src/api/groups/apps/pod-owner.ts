/** What the kinds that own pods share: rules for their selector and template, and the columns about them. */

import { labelSelectorText } from '../../meta/columns.ts';
import { forbidden, invalid, notSupported, ROOT_PATH, type FieldError } from '../../field/field-error.ts';
import { asJson, immutable } from '../../field/rules.ts';
import { fromLabelSelector, matches } from '../../labels/selector.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { Column } from '../../meta/resource-definition.ts';
import type { Container, LabelSelector, ObjectMeta, PodTemplateSpec } from '../../types.gen.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { ownerNameWarnings, templateWarnings } from '../core/pod/pod-warnings.ts';
import { validateLabelSelector } from '../core/pod/validate-label-selector.ts';
import { validatePodTemplate } from '../core/pod/validate-pod-spec.ts';

const SPEC = ROOT_PATH.child('spec');
const TEMPLATE = SPEC.child('template');

export interface PodOwner extends KubernetesObject {
  readonly spec: { readonly selector?: LabelSelector; readonly template: PodTemplateSpec };
}

export function defaultTemplateOf<T extends PodOwner>(owner: T): T {
  const template = defaultPodTemplate(owner.spec.template);
  return template === owner.spec.template ? owner : { ...owner, spec: { ...owner.spec, template } };
}

/** `kindName` as upstream spells it in the message: `deployment`, `statefulset`. */
export function validateSelectorAndTemplate(owner: PodOwner, kindName: string): FieldError[] {
  const { template } = owner.spec;
  return [...validateSelector(owner, kindName), ...validatePodTemplate(TEMPLATE, template)];
}

/** The selector alone, and that it selects what the template makes. */
export function validateSelector(owner: PodOwner, kindName: string): FieldError[] {
  const { selector, template } = owner.spec;
  const path = SPEC.child('selector');
  const errors: FieldError[] = validateLabelSelector(path, selector);
  const compiled = fromLabelSelector(selector);
  if (selector !== undefined && compiled?.length === 0) {
    errors.push(invalid(path, asJson(selector), `empty selector is invalid for ${kindName}`));
  }
  return [...errors, ...validateSelectorMatches(selector, template.metadata.labels ?? {})];
}

/** No selector at all matches nothing. */
function validateSelectorMatches(
  selector: LabelSelector | undefined,
  labels: { readonly [key: string]: string },
): FieldError[] {
  const compiled = fromLabelSelector(selector);
  const isMatch = selector !== undefined && (compiled === undefined || matches(compiled, labels));
  if (isMatch) return [];
  const detail = '`selector` does not match template `labels`';
  return [invalid(TEMPLATE.child('metadata', 'labels'), { ...labels }, detail)];
}

/** For owners whose pods always run again; `kind` as upstream spells it in the message. */
export function validateAlwaysRunning(template: PodTemplateSpec, kind: string): FieldError[] {
  const path = TEMPLATE.child('spec');
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec;
  const errors: FieldError[] = [];
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(path.child('restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbidden(path.child('activeDeadlineSeconds'), detail));
  }
  return errors;
}

export function validateSelectorUpdate(next: PodOwner, old: PodOwner): FieldError[] {
  return immutable(SPEC.child('selector'), next.spec.selector, old.spec.selector);
}

/** Owners whose name becomes part of the pods' names and hostnames warn about it when they are new. */
export function ownerWarnings(owner: PodOwner, old: PodOwner | undefined): readonly string[] {
  return [
    ...(old === undefined ? ownerNameWarnings(owner.metadata) : []),
    ...podTemplateWarnings(owner, old),
  ];
}

/** Only when the specification changed, as upstream. */
export function podTemplateWarnings(owner: PodOwner, old: PodOwner | undefined): readonly string[] {
  if (old !== undefined && !isNewGeneration(owner.metadata, old.metadata)) return [];
  return templateWarnings(TEMPLATE, owner.spec.template);
}

export function isNewGeneration(next: ObjectMeta, old: ObjectMeta): boolean {
  return next.generation !== old.generation;
}

export function countColumn<T>(name: string, description: string, value: (owner: T) => number): Column<T> {
  return { name, type: 'integer', description, priority: 0, value };
}

/** Containers and images, shown with `-o wide`. */
export function containerColumns<T>(containers: (owner: T) => readonly Container[]): readonly Column<T>[] {
  return [
    wideColumn('Containers', 'Names of each container in the template.', (owner) =>
      containers(owner)
        .map(({ name }) => name)
        .join(','),
    ),
    wideColumn('Images', 'Images referenced by each container in the template.', (owner) =>
      containers(owner)
        .map(({ image = '' }) => image)
        .join(','),
    ),
  ];
}

/** Containers, images and selector, shown with `-o wide`. */
export function templateColumns<T extends PodOwner>(): readonly Column<T>[] {
  return [
    ...containerColumns<T>(({ spec }) => spec.template.spec.containers),
    wideColumn('Selector', 'Which pods count as its own.', ({ spec }) => labelSelectorText(spec.selector)),
  ];
}

export function wideColumn<T>(name: string, description: string, value: (owner: T) => string): Column<T> {
  return { name, type: 'string', description, priority: 1, value };
}
