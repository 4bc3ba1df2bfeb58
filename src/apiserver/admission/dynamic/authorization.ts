/**
 * What `authorizer` answers within expressions. Expressions cannot wait: where an authorizer has to be waited
 * for, the evaluation is given up, and begun anew when the answer is there.
 */

import {
  authorizerValue,
  resourceCheckValue,
  type AuthorizationAnswer,
  type AuthorizationCheck,
} from '../../../api/cel/kubernetes/authorizer.ts';
import { assert } from '../../../base/assert.ts';
import type { UserInfo } from '../../../client/operation.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { AccessAttributes, Authorizer, Decision } from '../../authorization/authorizer.ts';
import { admissionName, admissionNamespace, spokenResource } from './attributes.ts';
import type { Bindings } from './evaluation.ts';

/** A question costs a third of what an expression may cost, so that no row asks as many. */
const ROUNDS_MAX = 200;

class Waiting extends Error {
  override readonly name = 'Waiting';
  readonly answer: Promise<void>;

  constructor(answer: Promise<void>) {
    super('an authorizer has not answered yet');
    this.answer = answer;
  }
}

/** The answers that one request got; nothing is asked twice. */
export class Answers {
  readonly bindings: Bindings;
  readonly #authorizer: Authorizer;
  readonly #user: UserInfo;
  readonly #known = new Map<string, AuthorizationAnswer>();

  constructor(authorizer: Authorizer, request: AdmissionRequest) {
    this.#authorizer = authorizer;
    this.#user = request.context.user;
    const ask = (check: AuthorizationCheck): AuthorizationAnswer => this.#ask(check);
    const { group, plural } = spokenResource(request).definition;
    this.bindings = {
      authorizer: authorizerValue(ask),
      'authorizer.requestResource': resourceCheckValue(ask, {
        group,
        resource: plural,
        subresource: request.target.subresource,
        namespace: admissionNamespace(request),
        name: admissionName(request),
      }),
    };
  }

  /** What `run` returns once every answer that it needs is known; it has to be pure. */
  async during<T>(run: () => T | Promise<T>): Promise<T> {
    for (let round = 1; ; round++) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Waiting)) throw error;
        assert(round < ROUNDS_MAX, 'an expression asks the authorizer without end');
        await error.answer;
      }
    }
  }

  #ask(check: AuthorizationCheck): AuthorizationAnswer {
    const key = JSON.stringify(check);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const note = (answer: AuthorizationAnswer): AuthorizationAnswer => {
      this.#known.set(key, answer);
      return answer;
    };
    try {
      const decision = this.#authorizer.authorize(accessOf(check, this.#user));
      if (!(decision instanceof Promise)) return note(answerOf(decision));
      throw new Waiting(decision.then(answerOf, failed).then((answer) => void note(answer)));
    } catch (error) {
      if (error instanceof Waiting) throw error;
      return note(failed(error));
    }
  }
}

function answerOf({ allowed, reason }: Decision): AuthorizationAnswer {
  return { allowed, reason, error: undefined };
}

function failed(error: unknown): AuthorizationAnswer {
  return { allowed: false, reason: '', error: error instanceof Error ? error.message : String(error) };
}

function accessOf(check: AuthorizationCheck, user: UserInfo): AccessAttributes {
  const { verb, path, group, resource, subresource, namespace, name } = check;
  const asker = check.serviceAccount === undefined ? user : serviceAccountUser(check.serviceAccount);
  if (path !== undefined) return { type: 'path', user: asker, verb, path };
  return {
    ...{ type: 'resource', user: asker, verb, group, version: '*', resource },
    ...{ subresource, namespace, name },
  };
}

function serviceAccountUser({ namespace, name }: { namespace: string; name: string }): UserInfo {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return { name: `system:serviceaccount:${namespace}:${name}`, groups };
}
