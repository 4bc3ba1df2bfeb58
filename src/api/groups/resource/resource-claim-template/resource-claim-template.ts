/** ResourceClaimTemplate: the claim that is made for every pod that refers to it. */

import { checked, immutable } from '../../../field/rules.ts';
import { forbidden, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ObjectMeta, ResourceClaimTemplate } from '../../../types.gen.ts';
import { validateLabelMap } from '../../core/pod/validate-label-selector.ts';
import { defaultDeviceClaim, validateDeviceClaim } from '../device-claim.ts';
import { RESOURCE_GROUP } from '../rules.ts';

const SPEC = ROOT_PATH.child('spec');
const METADATA = SPEC.child('metadata');

export const resourceClaimTemplates: ResourceDefinition<ResourceClaimTemplate> = {
  group: RESOURCE_GROUP,
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'resource/v1.ResourceClaimTemplate',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  defaults,
  validate: ({ spec }) => [
    ...validateTemplateMetadata(spec.metadata),
    ...validateDeviceClaim(SPEC.child('spec', 'devices'), spec.spec.devices),
  ],
  validateUpdate: (next, old) => immutable(SPEC, next.spec, old.spec),
  columns: [NAME_COLUMN, AGE_COLUMN],
};

function defaults(template: ResourceClaimTemplate): ResourceClaimTemplate {
  const { spec } = template.spec;
  const devices = defaultDeviceClaim(spec.devices);
  if (devices === spec.devices) return template;
  return { ...template, spec: { ...template.spec, spec: { ...spec, devices } } };
}

/** Labels and annotations are copied; the rest is the maker's. */
function validateTemplateMetadata(metadata: ObjectMeta = {}): FieldError[] {
  const { labels, annotations = {}, ...others } = metadata;
  const at = METADATA.child('annotations');
  return [
    ...Object.keys(annotations).flatMap((key) => checked(at, key, labelKeyProblem(key.toLowerCase()))),
    ...validateLabelMap(METADATA.child('labels'), labels),
    ...Object.entries(others)
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name]) => forbidden(METADATA.child(goName(name)), 'cannot be set')),
  ];
}

/** Upstream names these fields as its own code does. */
function goName(name: string): string {
  return name === 'uid' ? 'UID' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
