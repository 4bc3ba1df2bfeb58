/** Rules for where an Ingress sends requests: hosts, paths, backends, certificates. */

import { parseIp } from '../../../addresses/cidr.ts';
import { checked } from '../../../field/rules.ts';
import {
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import {
  dns1123LabelProblem,
  dns1123SubdomainProblem,
  pathSegmentProblem,
  wildcardSubdomainProblem,
} from '../../../names/names.ts';
import type {
  HTTPIngressPath,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
  TypedLocalObjectReference,
} from '../../../types.gen.ts';
import { portNameProblem, portNumberProblem } from '../../core/pod/validate-port.ts';

const PATH_TYPES: readonly string[] = ['Exact', 'ImplementationSpecific', 'Prefix'];
const NO_IP = 'must be a DNS name, not an IP address';

export function validateIngressSpec(path: FieldPath, spec: IngressSpec): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && defaultBackend === undefined) {
    errors.push(invalid(path, null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend !== undefined) {
    errors.push(...validateBackend(path.child('defaultBackend'), defaultBackend));
  }
  for (const [i, rule] of rules.entries()) errors.push(...validateRule(path.child('rules').index(i), rule));
  for (const [i, entry] of tls.entries()) errors.push(...validateTls(path.child('tls').index(i), entry));
  if (ingressClassName !== undefined) {
    const problem = dns1123SubdomainProblem(ingressClassName);
    errors.push(...checked(path.child('ingressClassName'), ingressClassName, problem));
  }
  return errors;
}

function validateTls(path: FieldPath, { hosts = [], secretName = '' }: IngressTLS): FieldError[] {
  const errors = hosts.flatMap((host, i) => checked(path.child('hosts').index(i), host, hostProblem(host)));
  const problem = secretName === '' ? undefined : dns1123SubdomainProblem(secretName);
  const ofName = checked(path.child('secretName'), secretName, problem);
  return [...errors, ...laterRule('names of TLS secrets', ofName)];
}

function hostProblem(host: string): string | undefined {
  return host.includes('*') ? wildcardSubdomainProblem(host) : dns1123SubdomainProblem(host);
}

function validateRule(path: FieldPath, { host = '', http }: IngressRule): FieldError[] {
  const errors: FieldError[] = [];
  if (host !== '') {
    if (parseIp(host) !== undefined) errors.push(invalid(path.child('host'), host, NO_IP));
    errors.push(...checked(path.child('host'), host, hostProblem(host)));
  }
  if (http === undefined) return errors;
  const at = path.child('http', 'paths');
  if (http.paths.length === 0) errors.push(required(at));
  const ofPaths = http.paths.flatMap((entry, i) => validatePath(at.index(i), entry));
  return [...errors, ...(host.includes('*') ? laterRule('paths of wildcard hosts', ofPaths) : ofPaths)];
}

const SEQUENCES: readonly string[] = ['//', '/./', '/../', '%2f', '%2F'];
const SUFFIXES: readonly string[] = ['/..', '/.'];

function validatePath(path: FieldPath, entry: HTTPIngressPath): FieldError[] {
  const { path: text = '', backend } = entry;
  // Required, but with words of its own, so that the schema lets it through.
  const pathType = (entry as Partial<HTTPIngressPath>).pathType ?? '';
  const at = path.child('path');
  const errors: FieldError[] = [];
  const notAbsolute = (): FieldError[] =>
    text.startsWith('/') ? [] : [invalid(at, text, 'must be an absolute path')];
  switch (pathType) {
    case '':
      return [required(path.child('pathType'), 'pathType must be specified')];
    case 'Exact':
    case 'Prefix':
      errors.push(...notAbsolute());
      for (const bad of SEQUENCES) {
        if (text.includes(bad)) errors.push(invalid(at, text, `must not contain '${bad}'`));
      }
      for (const bad of SUFFIXES) {
        if (text.endsWith(bad)) errors.push(invalid(at, text, `cannot end with '${bad}'`));
      }
      break;
    case 'ImplementationSpecific':
      if (text !== '') errors.push(...notAbsolute());
      break;
    default:
      errors.push(notSupported(path.child('pathType'), pathType, PATH_TYPES));
  }
  return [...errors, ...validateBackend(path.child('backend'), backend)];
}

function validateBackend(path: FieldPath, { resource, service }: IngressBackend): FieldError[] {
  if (resource !== undefined && service !== undefined) {
    return [invalid(path, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return validateReference(path.child('resource'), resource);
  if (service !== undefined) return validateServiceBackend(path, service);
  return [invalid(path, '', 'resource or service backend is required')];
}

/** The schema itself refuses an empty kind or name. */
export function validateReference(path: FieldPath, reference: TypedLocalObjectReference): FieldError[] {
  const { apiGroup, kind, name } = reference;
  const groupProblem = apiGroup === undefined ? undefined : dns1123SubdomainProblem(apiGroup);
  return [
    ...checked(path.child('apiGroup'), apiGroup, groupProblem),
    ...checked(path.child('kind'), kind, pathSegmentProblem(kind)),
    ...checked(path.child('name'), name, pathSegmentProblem(name)),
  ];
}

function validateServiceBackend(path: FieldPath, { name, port }: IngressServiceBackend): FieldError[] {
  const at = path.child('service');
  const errors = name === '' ? [] : checked(at.child('name'), name, dns1123LabelProblem(name));
  const { name: portName = '', number = 0 } = port;
  if (portName !== '' && number !== 0) {
    errors.push(invalid(path, '', 'cannot set both port name & port number'));
  } else if (portName !== '') {
    errors.push(...checked(at.child('port', 'name'), portName, portNameProblem(portName)));
  } else if (number === 0) errors.push(required(path, 'port name or number is required'));
  else errors.push(...checked(at.child('port', 'number'), number, portNumberProblem(number)));
  return errors;
}
