/**
 * The types that a MutatingAdmissionPolicy constructs: `Object{spec: Object.spec{replicas: 3}}` for
 * ApplyConfiguration, `JSONPatch{op: "add", path: "/spec/x", value: 1}` for patches.
 */

import { type CelType, DYN, type FieldDeclaration, type ObjectType, STRING } from '../types/type.ts';

function patchField(name: string): FieldDeclaration | undefined {
  if (name === 'value') return { name, type: DYN };
  return name === 'op' || name === 'path' || name === 'from' ? { name, type: STRING } : undefined;
}

const JSON_PATCH: ObjectType = {
  kind: 'object',
  name: 'JSONPatch',
  field: patchField,
  jsonField: patchField,
};

/**
 * Any field is allowed, by its own name without escapes: what it has to be is checked when the object is
 * applied.
 */
function openObject(name: string): ObjectType {
  return {
    kind: 'object',
    name,
    field: (field) => ({ name: field, type: DYN }),
    jsonField: (field) => ({ name: field, type: DYN }),
  };
}

/** To be passed to `kubernetesEnvironment`. */
export function mutationType(name: string): CelType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH;
  return name === 'Object' || name.startsWith('Object.') ? openObject(name) : undefined;
}
