/** `authorizer`: asking, within an expression, whether something is allowed. Who answers is up to the caller. */

import { fn, type FunctionDeclaration, type Library, onValue } from '../library/declare.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../names/names.ts';
import { BOOL, type CelType, type ObjectType, sealedObject, STRING } from '../types/type.ts';
import { CelError, OpaqueValue } from '../values/value.ts';

/** What is asked. Of a resource, or of a path when that is set. */
export interface AuthorizationCheck {
  readonly verb: string;
  readonly path: string | undefined;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As written; the authorizer parses them. Empty when there are none. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
  /** Instead of the user of the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error: string | undefined;
}

export type Authorize = (check: AuthorizationCheck) => AuthorizationAnswer;

export const AUTHORIZER: ObjectType = sealedObject('kubernetes.authorization.Authorizer');
const PATH_CHECK = sealedObject('kubernetes.authorization.PathCheck');
const GROUP_CHECK = sealedObject('kubernetes.authorization.GroupCheck');
export const RESOURCE_CHECK: ObjectType = sealedObject('kubernetes.authorization.ResourceCheck');
const DECISION = sealedObject('kubernetes.authorization.Decision');

const NOTHING: AuthorizationCheck = {
  verb: '', path: undefined, group: '', resource: '', subresource: '', namespace: '', name: '', fieldSelector: '',
  labelSelector: '', serviceAccount: undefined,
}; // prettier-ignore

/** A check that is being put together; its type says which functions it has. */
class Question extends OpaqueValue {
  override readonly type: CelType;
  readonly #authorize: Authorize;
  readonly #check: AuthorizationCheck;

  constructor(type: CelType, authorize: Authorize, check: AuthorizationCheck) {
    super();
    this.type = type;
    this.#authorize = authorize;
    this.#check = check;
  }

  with(type: CelType, more: Partial<AuthorizationCheck>): Question {
    return new Question(type, this.#authorize, { ...this.#check, ...more });
  }

  ask(verb: string): Decision {
    return new Decision(this.#authorize({ ...this.#check, verb }));
  }

  override equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

class Decision extends OpaqueValue {
  override readonly type: CelType = DECISION;
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  override equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

/** The value of the variable `authorizer`, of type `AUTHORIZER`. */
export function authorizerValue(authorize: Authorize): OpaqueValue {
  return new Question(AUTHORIZER, authorize, NOTHING);
}

/** The value of `authorizer.requestResource`, of type `RESOURCE_CHECK`. */
export function resourceCheckValue(
  authorize: Authorize,
  resource: Partial<Omit<AuthorizationCheck, 'verb' | 'path'>>,
): OpaqueValue {
  return new Question(RESOURCE_CHECK, authorize, { ...NOTHING, ...resource });
}

function notEmpty(what: string, text: string): string {
  if (text.trim() === '') throw new CelError(`${what} must not be empty`);
  return text;
}

function serviceAccount(question: Question, namespace: string, name: string): Question {
  if (dns1123SubdomainProblem(name) !== undefined) throw new CelError('Invalid service account name');
  if (dns1123LabelProblem(namespace) !== undefined) throw new CelError('Invalid service account namespace');
  return question.with(AUTHORIZER, { serviceAccount: { namespace, name } });
}

function refine(
  name: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector',
  id: string,
): FunctionDeclaration {
  const evaluate = (question: Question, text: string): Question =>
    question.with(RESOURCE_CHECK, { [name]: text });
  return fn(name, onValue(id, [RESOURCE_CHECK, STRING], RESOURCE_CHECK, evaluate));
}

function ask(question: Question, verb: string): Decision {
  return question.ask(verb);
}

export const AUTHORIZATION: Library = {
  functions: [
    fn('path', onValue('authorizer_path', [AUTHORIZER, STRING], PATH_CHECK, (question: Question, path: string) =>
      question.with(PATH_CHECK, { path: notEmpty('path', path) }))),
    fn('group', onValue('authorizer_group', [AUTHORIZER, STRING], GROUP_CHECK, (question: Question, group: string) =>
      question.with(GROUP_CHECK, { group }))),
    fn('serviceAccount', onValue('authorizer_serviceaccount', [AUTHORIZER, STRING, STRING], AUTHORIZER, serviceAccount)),
    fn('resource', onValue('groupcheck_resource', [GROUP_CHECK, STRING], RESOURCE_CHECK, (question: Question, resource: string) =>
      question.with(RESOURCE_CHECK, { resource: notEmpty('resource', resource) }))),
    refine('subresource', 'resourcecheck_subresource'),
    refine('namespace', 'resourcecheck_namespace'),
    refine('name', 'resourcecheck_name'),
    refine('fieldSelector', 'authorizer_fieldselector'),
    refine('labelSelector', 'authorizer_labelselector'),
    fn('check',
      onValue('pathcheck_check', [PATH_CHECK, STRING], DECISION, ask),
      onValue('resourcecheck_check', [RESOURCE_CHECK, STRING], DECISION, ask)),
    fn('errored', onValue('decision_errored', [DECISION], BOOL, ({ answer }: Decision) => answer.error !== undefined)),
    fn('error', onValue('decision_error', [DECISION], STRING, ({ answer }: Decision) => answer.error ?? '')),
    fn('allowed', onValue('decision_allowed', [DECISION], BOOL, ({ answer }: Decision) => answer.allowed)),
    fn('reason', onValue('decision_reason', [DECISION], STRING, ({ answer }: Decision) => answer.reason)),
  ],
  macros: [],
}; // prettier-ignore
