/** APIService: who serves a group and version of the API, this server or another one behind a Service. */

import { checked } from '../../../field/rules.ts';
import { invalid, notSupported, required, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { PrepareContext, ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1035LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import { formatTime } from '../../../time/time.ts';
import type { APIService } from '../../../types.gen.ts';

const SPEC = ROOT_PATH.child('spec');
const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1000;
const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];

export const apiServices: ResourceDefinition<APIService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  shortNames: [],
  categories: ['api-extensions'],
  namespaced: false,
  message: 'apiregistration/v1.APIService',
  nameFormat: 'pathSegment',
  hasStatus: true,
  hasGeneration: false,
  prepareForCreate,
  validate,
  validateStatusUpdate: ({ status: { conditions = [] } }) =>
    conditions.flatMap(({ status }, i) => {
      const path = ROOT_PATH.child('status', 'conditions').index(i).child('status');
      return STATUSES.includes(status) ? [] : [notSupported(path, status, STATUSES)];
    }),
  columns: [
    NAME_COLUMN,
    {
      name: 'Service',
      type: 'string',
      description: 'The reference to the service that hosts this API endpoint.',
      priority: 0,
      value: ({ spec: { service } }) =>
        service === undefined ? 'Local' : `${service.namespace ?? ''}/${service.name ?? ''}`,
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Whether this service is available.',
      priority: 0,
      value: availability,
    },
    AGE_COLUMN,
  ],
};

function availability({ status }: APIService): string {
  const condition = (status.conditions ?? []).find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}

/** What this server serves itself is there at once. */
function prepareForCreate(service: APIService, { nowMs }: PrepareContext): APIService {
  if (service.spec.service !== undefined) return service;
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: formatTime(nowMs),
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  return { ...service, status: { ...service.status, conditions: [condition] } };
}

function validate({ metadata: { name = '' }, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec;
  const errors: FieldError[] = [];
  const wanted = `${version}.${group}`;
  if (name !== wanted) {
    const detail = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`;
    errors.push(invalid(ROOT_PATH.child('metadata', 'name'), name, detail));
  }
  if (group === '' && version !== 'v1') {
    const detail = 'only v1 may have an empty group and it better be legacy kube';
    errors.push(required(SPEC.child('group'), detail));
  }
  if (group !== '') errors.push(...checked(SPEC.child('group'), group, dns1123SubdomainProblem(group)));
  errors.push(...checked(SPEC.child('version'), version, dns1035LabelProblem(version)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > GROUP_PRIORITY_MAX) {
    const detail = `must be positive and less than ${GROUP_PRIORITY_MAX}`;
    errors.push(invalid(SPEC.child('groupPriorityMinimum'), groupPriorityMinimum, detail));
  }
  if (versionPriority <= 0 || versionPriority > VERSION_PRIORITY_MAX) {
    const detail = `must be positive and less than ${VERSION_PRIORITY_MAX}`;
    errors.push(invalid(SPEC.child('versionPriority'), versionPriority, detail));
  }
  return [...errors, ...validateService(spec)];
}

function validateService(spec: APIService['spec']): FieldError[] {
  const { service, caBundle = '', insecureSkipTLSVerify = false } = spec;
  const errors: FieldError[] = [];
  const insecure = SPEC.child('insecureSkipTLSVerify');
  if (service === undefined) {
    if (caBundle !== '') {
      const size = `${Buffer.from(caBundle, 'base64').length} bytes`;
      errors.push(invalid(SPEC.child('caBundle'), size, 'local APIServices may not have a caBundle'));
    }
    const detail = 'local APIServices may not have insecureSkipTLSVerify';
    if (insecureSkipTLSVerify) errors.push(invalid(insecure, insecureSkipTLSVerify, detail));
    return errors;
  }
  const { namespace = '', name = '' } = service;
  if (namespace === '') errors.push(required(SPEC.child('service', 'namespace')));
  if (name === '') errors.push(required(SPEC.child('service', 'name')));
  if (insecureSkipTLSVerify && caBundle !== '') {
    errors.push(invalid(insecure, insecureSkipTLSVerify, 'may not be true if caBundle is present'));
  }
  return errors;
}
