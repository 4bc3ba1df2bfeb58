/** ValidatingWebhookConfiguration: webhooks that judge requests, outside of the server. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { ValidatingWebhookConfiguration } from '../../../types.gen.ts';
import { ADMISSION_GROUP, EXTENSIONS } from '../rules.ts';
import { validateWebhooks, WEBHOOK_COLUMNS } from '../webhooks.ts';

export const validatingWebhookConfigurations: ResourceDefinition<ValidatingWebhookConfiguration> = {
  group: ADMISSION_GROUP,
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  shortNames: [],
  categories: EXTENSIONS,
  namespaced: false,
  message: 'admissionregistration/v1.ValidatingWebhookConfiguration',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate: validateWebhooks,
  columns: WEBHOOK_COLUMNS,
};
