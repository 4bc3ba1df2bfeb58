/** IngressClass: names the controller that serves the Ingresses of this class. */

import { checked, immutable } from '../../../field/rules.ts';
import {
  forbidden,
  invalid,
  notSupported,
  required,
  ROOT_PATH,
  tooLong,
  type FieldError,
} from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN, NONE } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../../names/names.ts';
import type { IngressClass, IngressClassParametersReference } from '../../../types.gen.ts';
import { validateReference } from '../ingress/validate-ingress.ts';

const CONTROLLER = ROOT_PATH.child('spec', 'controller');
const PARAMETERS = ROOT_PATH.child('spec', 'parameters');
const CONTROLLER_LENGTH_MAX = 250;
const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

export const ingressClasses: ResourceDefinition<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'networking/v1.IngressClass',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: true,
  validate: ({ spec }) => [
    ...validateController(spec.controller ?? ''),
    ...(spec.parameters === undefined ? [] : validateParameters(spec.parameters)),
  ],
  validateUpdate: (next, old) => immutable(CONTROLLER, next.spec.controller, old.spec.controller),
  columns: [
    NAME_COLUMN,
    {
      name: 'Controller',
      type: 'string',
      description: 'Controller that is responsible for handling this class',
      priority: 0,
      value: ({ spec }) => spec.controller ?? '',
    },
    {
      name: 'Parameters',
      type: 'string',
      description: 'A reference to a resource with additional parameters',
      priority: 0,
      value: ({ spec: { parameters } }) => {
        if (parameters === undefined) return NONE;
        const { apiGroup, kind, name } = parameters;
        return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
      },
    },
    AGE_COLUMN,
  ],
};

/** A path with a domain before it: `acme.io/foo`. */
function validateController(controller: string): FieldError[] {
  if (controller === '') return [required(CONTROLLER)];
  const errors =
    controller.length > CONTROLLER_LENGTH_MAX ? [tooLong(CONTROLLER, CONTROLLER_LENGTH_MAX)] : [];
  const slash = controller.indexOf('/');
  const [host, path] = [controller.slice(0, Math.max(slash, 0)), controller.slice(slash + 1)];
  if (slash < 0 || host === '' || path === '') {
    return [
      ...errors,
      invalid(CONTROLLER, controller, 'must be a domain-prefixed path (such as "acme.io/foo")'),
    ];
  }
  errors.push(...checked(CONTROLLER, host, dns1123SubdomainProblem(host)));
  const problem = `Invalid path (regex used for validation is '${HTTP_PATH.source.slice(1, -1).replace('\\/', '/')}')`;
  return HTTP_PATH.test(path) ? errors : [...errors, invalid(CONTROLLER, path, problem)];
}

function validateParameters(parameters: IngressClassParametersReference): FieldError[] {
  const { scope = '', namespace } = parameters;
  const errors = validateReference(PARAMETERS, parameters);
  const at = PARAMETERS.child('namespace');
  switch (scope) {
    case 'Namespace':
      if (namespace === undefined) errors.push(required(at, "`parameters.scope` is set to 'Namespace'"));
      else errors.push(...checked(at, namespace, dns1123LabelProblem(namespace)));
      break;
    case 'Cluster':
      if (namespace !== undefined) errors.push(forbidden(at, "`parameters.scope` is set to 'Cluster'"));
      break;
    default:
      errors.push(notSupported(PARAMETERS.child('scope'), scope, ['Cluster', 'Namespace']));
  }
  return errors;
}
