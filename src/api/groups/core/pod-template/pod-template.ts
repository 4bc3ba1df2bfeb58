/** PodTemplate: a pod to be, kept as an object of its own. */

import { labelsText, NAME_COLUMN } from '../../../meta/columns.ts';
import { ROOT_PATH } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { PodTemplate } from '../../../types.gen.ts';
import { defaultPodTemplate } from '../pod/pod-defaults.ts';
import { templateWarnings } from '../pod/pod-warnings.ts';
import { validatePodTemplate } from '../pod/validate-pod-spec.ts';

const TEMPLATE = ROOT_PATH.child('template');

export const podTemplates: ResourceDefinition<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: 'core/v1.PodTemplate',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  createOnUpdate: true,
  defaults: (object) => {
    const template = defaultPodTemplate(object.template);
    return template === object.template ? object : { ...object, template };
  },
  validate: ({ template }) => validatePodTemplate(TEMPLATE, template),
  warnings: (object, old) =>
    old === undefined || object.metadata.generation !== old.metadata.generation
      ? templateWarnings(TEMPLATE, object.template)
      : [],
  columns: [
    NAME_COLUMN,
    {
      name: 'Containers',
      type: 'string',
      description: 'Names of each container in the template.',
      priority: 0,
      value: ({ template }) => template.spec.containers.map((container) => container.name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      description: 'Images referenced by each container in the template.',
      priority: 0,
      value: ({ template }) => template.spec.containers.map((container) => container.image ?? '').join(','),
    },
    {
      name: 'Pod Labels',
      type: 'string',
      description: 'The labels for the pod template.',
      priority: 0,
      value: ({ template }) => labelsText(template.metadata.labels),
    },
  ],
};
