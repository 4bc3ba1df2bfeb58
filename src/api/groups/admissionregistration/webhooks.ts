/** What the two kinds of webhook configurations share. */

import { checked } from '../../field/rules.ts';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../meta/columns.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { Column } from '../../meta/resource-definition.ts';
import { dns1035LabelProblem, dns1123SubdomainProblem } from '../../names/names.ts';
import type {
  MutatingWebhook,
  ServiceReference,
  ValidatingWebhook,
  WebhookClientConfig,
} from '../../types.gen.ts';
import { validateLabelSelector } from '../core/pod/validate-label-selector.ts';
import { portNumberProblem } from '../core/pod/validate-port.ts';
import { validateMatchConditions, validateRule } from './rules.ts';

const WEBHOOKS = ROOT_PATH.child('webhooks');
/** A webhook must be safe to call for a dry run. */
const SIDE_EFFECTS: readonly string[] = ['None', 'NoneOnDryRun'];
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];
const TIMEOUT_SECONDS_MAX = 30;

type Webhook = MutatingWebhook | ValidatingWebhook;

export interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly Webhook[];
}

export const WEBHOOK_COLUMNS: readonly Column<WebhookConfiguration>[] = [
  NAME_COLUMN,
  {
    name: 'Webhooks',
    type: 'integer',
    description: 'Webhooks indicates the number of webhooks registered in this configuration',
    priority: 0,
    value: ({ webhooks = [] }) => webhooks.length,
  },
  AGE_COLUMN,
];

export function validateWebhooks({ webhooks = [] }: WebhookConfiguration): FieldError[] {
  const names = new Set<string>();
  return webhooks.flatMap((webhook, i) => {
    const path = WEBHOOKS.index(i);
    const errors = [
      ...validateWebhook(path, webhook),
      ...validateReviewVersions(path.child('admissionReviewVersions'), webhook.admissionReviewVersions),
    ];
    if (webhook.name !== '' && names.has(webhook.name)) {
      errors.push(duplicate(path.child('name'), webhook.name));
    }
    names.add(webhook.name);
    return errors;
  });
}

function validateWebhook(path: FieldPath, webhook: Webhook): FieldError[] {
  const { name, rules = [], timeoutSeconds: timeout, clientConfig } = webhook;
  const errors = name === '' ? [] : checked(path.child('name'), name, webhookNameProblem(name));
  errors.push(...rules.flatMap((rule, i) => validateRule(path.child('rules').index(i), rule)));
  const effects: string = (webhook as Partial<Webhook>).sideEffects ?? '';
  const at = path.child('sideEffects');
  if (effects === '') errors.push(required(at, `must specify one of ${SIDE_EFFECTS.join(', ')}`));
  // Other texts are refused by the schema.
  else if (effects === 'Some' || effects === 'Unknown') errors.push(notSupported(at, effects, SIDE_EFFECTS));
  if (timeout !== undefined && (timeout < 1 || timeout > TIMEOUT_SECONDS_MAX)) {
    const detail = `the timeout value must be between 1 and ${TIMEOUT_SECONDS_MAX} seconds`;
    errors.push(invalid(path.child('timeoutSeconds'), timeout, detail));
  }
  return [
    ...errors,
    ...validateLabelSelector(path.child('namespaceSelector'), webhook.namespaceSelector),
    ...validateLabelSelector(path.child('objectSelector'), webhook.objectSelector),
    ...validateClientConfig(path.child('clientConfig'), clientConfig),
    ...validateMatchConditions(path.child('matchConditions'), webhook.matchConditions),
  ];
}

function webhookNameProblem(name: string): string | undefined {
  const problem = dns1123SubdomainProblem(name);
  if (problem !== undefined || name.split('.').length >= 3) return problem;
  return 'should be a domain with at least three segments separated by dots';
}

function validateReviewVersions(path: FieldPath, versions: readonly string[]): FieldError[] {
  const known = REVIEW_VERSIONS.join(', ');
  if (versions.length === 0) return [required(path, `must specify one of ${known}`)];
  const errors = versions.flatMap((version, i) =>
    versions.indexOf(version) < i
      ? [invalid(path.index(i), version, 'duplicate version')]
      : checked(path.index(i), version, dns1035LabelProblem(version)),
  );
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return errors;
  return [...errors, invalid(path, [...versions], `must include at least one of ${known}`)];
}

function validateClientConfig(path: FieldPath, { url, service }: WebhookClientConfig): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return validateUrl(path.child('url'), url);
  return service === undefined ? [] : validateService(path.child('service'), service);
}

const FORM = '; desired format: https://host[/path]';

function validateUrl(path: FieldPath, text: string): FieldError[] {
  const match =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/.exec(
      text,
    );
  if (match === null || text.includes(' ')) {
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${FORM}`)];
  }
  const [, scheme = '', user, host = '', query = '', fragment = ''] = match;
  const errors: FieldError[] = [];
  if (scheme !== 'https') {
    errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`));
  }
  if (host === '') errors.push(invalid(path, host, `host must be provided${FORM}`));
  if (user !== undefined) {
    errors.push(invalid(path, user, 'user information is not permitted in the URL'));
  }
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

/** Names and namespaces that are empty are refused here, with words that the schema does not have. */
function validateService(path: FieldPath, service: ServiceReference): FieldError[] {
  const { name, namespace, path: urlPath = '', port = 443 } = service;
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(path.child('name'), 'service name is required'));
  if (namespace === '') errors.push(required(path.child('namespace'), 'service namespace is required'));
  const problem = portNumberProblem(port);
  if (problem !== undefined) errors.push(invalid(path.child('port'), port, `port is not valid: ${problem}`));
  return [...errors, ...validateUrlPath(path.child('path'), urlPath)];
}

function validateUrlPath(path: FieldPath, text: string): FieldError[] {
  if (text === '' || text === '/') return [];
  if (text === '//') return [invalid(path, text, 'segment[0] may not be empty')];
  const errors = text.startsWith('/') ? [] : [invalid(path, text, "must start with a '/'")];
  const steps = text.slice(1).replace(/\/$/, '').split('/');
  for (const [i, step] of steps.entries()) {
    if (step === '') errors.push(invalid(path, text, `segment[${i}] may not be empty`));
    else {
      const problem = dns1123SubdomainProblem(step);
      if (problem !== undefined) errors.push(invalid(path, text, `segment[${i}]: ${problem}`));
    }
  }
  return errors;
}
