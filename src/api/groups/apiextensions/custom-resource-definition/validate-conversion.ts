/** How objects get from one version to another, worded as upstream's apiextensions/validation. */

import * as error from '../../../field/field-error.ts';
import { ROOT_PATH, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { dns1035LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type {
  ApiextensionsV1ServiceReference,
  ApiextensionsV1WebhookClientConfig,
  CustomResourceConversion,
} from '../../../types.gen.ts';

const PATH = ROOT_PATH.child('spec', 'conversion');
const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const FORM = '; desired format: https://host[/path]';
const PEM = /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/m;

export interface ConversionTolerance {
  readonly unknownReviewVersions: boolean;
  readonly invalidCaBundle: boolean;
}

export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  tolerance: ConversionTolerance,
): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  const errors: FieldError[] = [];
  if (strategy === '') errors.push(error.required(PATH.child('strategy')));
  else if (!STRATEGIES.includes(strategy)) {
    errors.push(error.notSupported(PATH.child('strategy'), strategy, STRATEGIES));
  }
  const [atConfig, atVersions] = [PATH.child('webhookClientConfig'), PATH.child('conversionReviewVersions')];
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig !== undefined) errors.push(error.forbidden(atConfig, detail));
    if ((webhook?.conversionReviewVersions ?? []).length > 0)
      errors.push(error.forbidden(atVersions, detail));
    return errors;
  }
  if (webhook?.clientConfig === undefined) {
    errors.push(error.required(atConfig, 'required when strategy is set to Webhook'));
  } else errors.push(...validateClientConfig(webhook.clientConfig, atConfig, tolerance));
  const versions = webhook?.conversionReviewVersions ?? [];
  return [...errors, ...validateReviewVersions(versions, atVersions, tolerance)];
}

function validateClientConfig(
  config: ApiextensionsV1WebhookClientConfig,
  path: FieldPath,
  { invalidCaBundle }: ConversionTolerance,
): FieldError[] {
  const { url, service, caBundle = '' } = config;
  const errors: FieldError[] = [];
  if ((url === undefined) === (service === undefined)) {
    errors.push(error.required(path, 'exactly one of url or service is required'));
  } else if (url !== undefined) errors.push(...validateUrl(url, path.child('url')));
  else if (service !== undefined) errors.push(...validateService(service, path.child('service')));
  if (!invalidCaBundle && isInvalidCaBundle(caBundle)) {
    const detail = 'unable to load root certificates: unable to parse bytes as PEM block';
    errors.push(error.invalid(path.child('caBundle'), caBundle, detail));
  }
  return errors;
}

export function isInvalidCaBundle(base64: string): boolean {
  return base64 !== '' && !PEM.test(Buffer.from(base64, 'base64').toString('latin1'));
}

function validateUrl(text: string, path: FieldPath): FieldError[] {
  if (!URL.canParse(text)) {
    // Go reads texts without a scheme as paths, and misses scheme and host.
    if (/[\s%]/.test(text))
      return [error.required(path, `url must be a valid URL: ${JSON.stringify(text)}${FORM}`)];
    return [
      error.invalid(path, '', `'https' is the only allowed URL scheme${FORM}`),
      error.invalid(path, '', `host must be specified${FORM}`),
    ];
  }
  const url = new URL(text);
  const errors: FieldError[] = [];
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'https') {
    errors.push(error.invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`));
  }
  if (url.host === '') errors.push(error.invalid(path, '', `host must be specified${FORM}`));
  const user = url.password === '' ? url.username : `${url.username}:${url.password}`;
  if (user !== '') errors.push(error.invalid(path, user, 'user information is not permitted in the URL'));
  if (url.hash.length > 1) {
    errors.push(error.invalid(path, url.hash.slice(1), 'fragments are not permitted in the URL'));
  }
  if (url.search.length > 1) {
    errors.push(error.invalid(path, url.search.slice(1), 'query parameters are not permitted in the URL'));
  }
  return errors;
}

const PORT_MAX = 65_535;

function validateService(service: ApiextensionsV1ServiceReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (service.name === '') errors.push(error.required(path.child('name')));
  if (service.namespace === '') errors.push(error.required(path.child('namespace')));
  const { port = 443, path: urlPath = '' } = service;
  if (port < 1 || port > PORT_MAX) {
    const detail = `port is not valid: must be between 1 and ${PORT_MAX}, inclusive`;
    errors.push(error.invalid(path.child('port'), port, detail));
  }
  return [
    ...errors,
    ...pathProblems(urlPath).map((detail) => error.invalid(path.child('path'), urlPath, detail)),
  ];
}

function pathProblems(path: string): readonly string[] {
  if (path === '' || path === '/') return [];
  if (path === '//') return ['segment[0] may not be empty'];
  const problems = path.startsWith('/') ? [] : ["must start with a '/'"];
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  for (const [i, segment] of segments.entries()) {
    const problem = segment === '' ? 'may not be empty' : dns1123SubdomainProblem(segment);
    if (problem !== undefined) problems.push(`segment[${i}]${segment === '' ? ' ' : ': '}${problem}`);
  }
  return problems;
}

function validateReviewVersions(
  versions: readonly string[],
  path: FieldPath,
  { unknownReviewVersions }: ConversionTolerance,
): FieldError[] {
  if (versions.length === 0) return [error.required(path)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, version] of versions.entries()) {
    const problem = seen.has(version) ? 'duplicate version' : dns1035LabelProblem(version);
    if (problem !== undefined) errors.push(error.invalid(path.index(i), version, problem));
    seen.add(version);
  }
  if (!unknownReviewVersions && !hasKnownReviewVersion(versions)) {
    const detail = `must include at least one of ${REVIEW_VERSIONS.join(', ')}`;
    errors.push(error.invalid(path, versions, detail));
  }
  return errors;
}

export function hasKnownReviewVersion(versions: readonly string[]): boolean {
  return versions.some((version) => REVIEW_VERSIONS.includes(version));
}
