/** Rules for certificate signing requests: what may be asked for, and how a request may come along. */

import { checked } from '../../../field/rules.ts';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { CONDITION_STATUSES } from '../../../meta/validate-conditions.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
} from '../../../types.gen.ts';
import { certificateChainProblem, parseCertificateRequest, signatureProblem } from '../pkcs10.ts';

const SPEC = ROOT_PATH.child('spec');
const CONDITIONS = ROOT_PATH.child('status', 'conditions');
const CERTIFICATE = ROOT_PATH.child('status', 'certificate');
const DURATION_SECONDS_MIN = 600;
const DOMAIN_LENGTH_MAX = 253;
/** `<domain>/<namespace>.<name>` */
const SIGNER_LENGTH_MAX = DOMAIN_LENGTH_MAX + 1 + 63 + 1 + 253;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
/** They say that something happened, so they are never false. */
const TRUE_ONLY: readonly string[] = ['Approved', 'Denied', 'Failed'];
const DECISIONS: readonly string[] = ['Approved', 'Denied'];

const USAGES: readonly string[] = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment',
  'decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system',
  'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc',
  'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
]; // prettier-ignore

type Conditions = readonly CertificateSigningRequestCondition[];

export function validateRequestSpec(spec: CertificateSigningRequestSpec): FieldError[] {
  const { request, usages = [], signerName, expirationSeconds } = spec;
  // The schema itself refuses an empty request or signer.
  const errors = request === '' ? [] : checked(SPEC.child('request'), request, requestProblem(request));
  const usagesAt = SPEC.child('usages');
  if (usages.length === 0) errors.push(required(usagesAt));
  for (const [i, usage] of usages.entries()) {
    if (!USAGES.includes(usage)) errors.push(notSupported(usagesAt.index(i), usage, USAGES));
  }
  for (const [i, usage] of usages.entries()) {
    if (usages.indexOf(usage) < i) errors.push(duplicate(usagesAt.index(i), usage));
  }
  const signerAt = SPEC.child('signerName');
  if (signerName === LEGACY_SIGNER) {
    const detail = 'the legacy signerName is not allowed via this API version';
    errors.push(invalid(signerAt, signerName, detail));
  } else if (signerName !== '') errors.push(...validateSignerName(signerAt, signerName));
  if (expirationSeconds !== undefined && expirationSeconds < DURATION_SECONDS_MIN) {
    const detail = `may not specify a duration less than ${DURATION_SECONDS_MIN} seconds (10 minutes)`;
    errors.push(invalid(SPEC.child('expirationSeconds'), expirationSeconds, detail));
  }
  return errors;
}

function requestProblem(request: string): string | undefined {
  const parsed = parseCertificateRequest(request);
  return parsed.ok ? signatureProblem(parsed.request) : parsed.error;
}

export function validateSignerName(path: FieldPath, signerName: string): FieldError[] {
  const [domain = '', name = '', ...more] = signerName.split('/');
  if (more.length > 0 || !signerName.includes('/')) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, signerName, detail)];
  }
  const errors = domain.length > DOMAIN_LENGTH_MAX ? [tooLong(path, DOMAIN_LENGTH_MAX)] : [];
  const labels = domain.split('.');
  errors.push(...firstBadLabel(path, domain, labels, dns1123LabelProblem));
  if (labels.length < 2) {
    const detail = 'should be a domain with at least two segments separated by dots';
    errors.push(invalid(path, domain, detail));
  }
  errors.push(...firstBadLabel(path, name, name.split('.'), dns1123SubdomainProblem));
  if (signerName.length > SIGNER_LENGTH_MAX) errors.push(tooLong(path, SIGNER_LENGTH_MAX));
  return errors;
}

function firstBadLabel(
  path: FieldPath,
  whole: string,
  labels: readonly string[],
  problemOf: (label: string) => string | undefined,
): FieldError[] {
  const bad = labels.find((label) => problemOf(label) !== undefined);
  if (bad === undefined) return [];
  return [invalid(path, whole, `validating label ${JSON.stringify(bad)}: ${problemOf(bad) ?? ''}`)];
}

export function validateRequestConditions(conditions: Conditions = []): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [i, { type, status }] of conditions.entries()) {
    const path = CONDITIONS.index(i);
    if (type === '') errors.push(required(path.child('type')));
    const allowed = TRUE_ONLY.includes(type) ? ['True'] : CONDITION_STATUSES;
    if (status === '') errors.push(required(path.child('status')));
    else if (!allowed.includes(status)) errors.push(notSupported(path.child('status'), status, allowed));
    const opposite = type === 'Approved' ? 'Denied' : 'Approved';
    if (DECISIONS.includes(type) && types.has(opposite)) {
      errors.push(invalid(CONDITIONS, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (types.has(type)) errors.push(duplicate(path.child('type'), type));
    types.add(type);
  }
  return errors;
}

/** Who approves does not sign, and who signs does not approve. */
export function validateProgress(
  next: CertificateSigningRequest,
  old: CertificateSigningRequest,
  by: 'approval' | 'status',
): FieldError[] {
  const count = ({ status }: CertificateSigningRequest, type: string): number =>
    (status.conditions ?? []).filter((condition) => condition.type === type).length;
  const errors = validateRequestConditions(next.status.conditions);
  for (const type of TRUE_ONLY) {
    if (count(next, type) >= count(old, type)) continue;
    errors.push(forbidden(CONDITIONS, `updates may not remove a condition of type ${JSON.stringify(type)}`));
  }
  for (const type of by === 'status' ? DECISIONS : []) {
    if (count(next, type) <= count(old, type)) continue;
    errors.push(forbidden(CONDITIONS, `updates may not add a condition of type ${JSON.stringify(type)}`));
  }
  return by === 'status' ? [...errors, ...validateCertificate(next, old)] : errors;
}

function validateCertificate(next: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const { certificate = '' } = next.status;
  const { certificate: before = '' } = old.status;
  if (certificate === before) return [];
  const problem = certificate === '' ? undefined : certificateChainProblem(certificate);
  const errors = checked(CERTIFICATE, '<certificate data>', problem);
  if (before === '') return errors;
  return [...errors, forbidden(CERTIFICATE, 'updates may not modify existing certificate content')];
}
