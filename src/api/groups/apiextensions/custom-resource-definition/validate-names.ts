/** Names of a custom kind, and the approval that names of the project's own groups need. */

import * as error from '../../../field/field-error.ts';
import { ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { dns1035LabelProblem } from '../../../names/names.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../../types.gen.ts';

export function validateNames(names: CustomResourceDefinitionNames, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const label = (at: FieldPath, text: string, prefix = ''): void => {
    const isMixed = prefix !== '';
    const problem = text === '' ? undefined : dns1035LabelProblem(isMixed ? text.toLowerCase() : text);
    if (problem !== undefined) errors.push(error.invalid(at, text, prefix + problem));
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  label(path.child('plural'), names.plural);
  label(path.child('singular'), names.singular ?? '');
  label(path.child('kind'), names.kind, mixed);
  label(path.child('listKind'), names.listKind ?? '', mixed);
  const listed = (name: 'shortNames' | 'categories'): void => {
    for (const [i, text] of (names[name] ?? []).entries()) {
      const problem = dns1035LabelProblem(text);
      if (problem !== undefined) errors.push(error.invalid(path.child(name).index(i), text, problem));
    }
  };
  listed('shortNames');
  if (names.kind !== '' && names.kind === names.listKind) {
    const detail = 'kind and listKind may not be the same';
    errors.push(error.invalid(path.child('listKind'), names.listKind, detail));
  }
  listed('categories');
  return errors;
}

const APPROVAL = 'api-approved.kubernetes.io';
const PROTECTED = /(^|\.)(k8s|kubernetes)\.io$/;
const WHY = 'see https://github.com/kubernetes/enhancements/pull/1111';

type Approval = 'approved' | 'bypassed' | 'missing' | 'invalid';

/** Whoever takes a name in the project's own groups says where that was agreed on, or that it was not. */
export function validateApproval(
  next: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): FieldError[] {
  if (!PROTECTED.test(next.spec.group)) return [];
  const state = approvalOf(next);
  if (old !== undefined && approvalOf(old) === state) return [];
  const path = ROOT_PATH.child('metadata', 'annotations').key(APPROVAL);
  const must = `protected groups must have approval annotation ${JSON.stringify(APPROVAL)}`;
  if (state === 'missing') return [error.required(path, `${must}, ${WHY}`)];
  if (state !== 'invalid') return [];
  const detail = `${must} with either a URL or a reason starting with "unapproved", ${WHY}`;
  return [error.invalid(path, annotationOf(next), detail)];
}

function annotationOf({ metadata }: CustomResourceDefinition): string {
  return metadata.annotations?.[APPROVAL] ?? '';
}

function approvalOf(definition: CustomResourceDefinition): Approval {
  const text = annotationOf(definition);
  if (text === '') return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  return URL.canParse(text) && new URL(text).host !== '' ? 'approved' : 'invalid';
}
