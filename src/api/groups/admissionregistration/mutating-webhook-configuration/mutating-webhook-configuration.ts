/** MutatingWebhookConfiguration: webhooks that change objects on their way, outside of the server. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { MutatingWebhookConfiguration } from '../../../types.gen.ts';
import { ADMISSION_GROUP, EXTENSIONS } from '../rules.ts';
import { validateWebhooks, WEBHOOK_COLUMNS } from '../webhooks.ts';

export const mutatingWebhookConfigurations: ResourceDefinition<MutatingWebhookConfiguration> = {
  group: ADMISSION_GROUP,
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  singular: 'mutatingwebhookconfiguration',
  shortNames: [],
  categories: EXTENSIONS,
  namespaced: false,
  message: 'admissionregistration/v1.MutatingWebhookConfiguration',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate: validateWebhooks,
  columns: WEBHOOK_COLUMNS,
};
