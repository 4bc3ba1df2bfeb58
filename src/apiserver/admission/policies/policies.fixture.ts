/** For tests: a server without anything but policies, and policies with one line each. */

import { deployments } from '../../../api/groups/apps/deployment/deployment.ts';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import { mutatingAdmissionPolicies } from '../../../api/groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { mutatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/mutating-admission-policy-binding/mutating-admission-policy-binding.ts';
import { validatingAdmissionPolicies } from '../../../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindings } from '../../../api/groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import type {
  Deployment,
  MutatingAdmissionPolicyBindingSpec,
  MutatingAdmissionPolicySpec,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from '../../../api/types.gen.ts';
import { DirectClient } from '../../../client/direct/direct-client.ts';
import type { UserInfo } from '../../../client/operation.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import { ADMIN, createTestPipeline, type TestPipeline } from '../../pipeline.fixture.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { PolicyParts } from './invocations.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';

export const NAMESPACE = 'shop';

/** Creations and changes of ConfigMaps and Deployments. */
const RULE: NamedRuleWithOperations = {
  operations: ['CREATE', 'UPDATE'],
  apiGroups: ['', 'apps'],
  apiVersions: ['v1'],
  resources: ['configmaps', 'deployments'],
};
const MATCHED = { matchConstraints: { resourceRules: [RULE] } };

export class PolicyServer {
  readonly server: TestPipeline;
  readonly warnings: string[] = [];

  constructor(authorizer?: Authorizer, others: readonly AdmissionPlugin[] = []) {
    this.server = createTestPipeline(({ store, resources }) => {
      const allowing: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) };
      const parts: PolicyParts = { store, resources, authorizer: authorizer ?? allowing };
      return { admission: [mutatingAdmissionPolicy(parts), ...others, validatingAdmissionPolicy(parts)] };
    });
  }

  /** With the namespace `shop`. */
  static async start(authorizer?: Authorizer, others?: readonly AdmissionPlugin[]): Promise<PolicyServer> {
    const server = new PolicyServer(authorizer, others);
    await server.client.create(namespaces, { metadata: { name: NAMESPACE, labels: { team: 'blue' } } });
    return server;
  }

  get client(): DirectClient {
    return this.server.client;
  }

  /** A client whose warnings are collected. */
  as(user: UserInfo = ADMIN): DirectClient {
    const { pipeline } = this.server;
    const warn = (text: string): void => void this.warnings.push(text);
    const execute: TestPipeline['pipeline']['execute'] = (operation, context) =>
      pipeline.execute(operation, { ...context, warn });
    return new DirectClient({ execute }, user, 'test/1');
  }

  /** A policy `name` and a binding `name-binding`. */
  async validating(
    name: string,
    spec: Partial<ValidatingAdmissionPolicySpec>,
    bound: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
  ): Promise<void> {
    await this.client.create(validatingAdmissionPolicies, {
      metadata: { name },
      spec: { ...MATCHED, ...spec },
    });
    await this.client.create(validatingAdmissionPolicyBindings, {
      metadata: { name: `${name}-binding` },
      spec: { policyName: name, validationActions: ['Deny'], ...bound },
    });
  }

  async mutating(
    name: string,
    spec: Partial<MutatingAdmissionPolicySpec>,
    bound: Partial<MutatingAdmissionPolicyBindingSpec> = {},
  ): Promise<void> {
    await this.client.create(mutatingAdmissionPolicies, {
      metadata: { name },
      spec: { ...MATCHED, reinvocationPolicy: 'Never', ...spec },
    });
    await this.client.create(mutatingAdmissionPolicyBindings, {
      metadata: { name: `${name}-binding` },
      spec: { policyName: name, ...bound },
    });
  }

  /** The bindings of the policy. */
  async remove(name: string): Promise<void> {
    for (const bindings of [validatingAdmissionPolicyBindings, mutatingAdmissionPolicyBindings]) {
      const { items } = await this.client.list(bindings);
      if (items.length > 0) await this.client.delete(bindings, { name: `${name}-binding` });
    }
  }

  configMap(name: string, data: { readonly [key: string]: string } = {}, client = this.client) {
    return client.create(configMaps, { metadata: { namespace: NAMESPACE, name }, data });
  }

  deployment(name: string, spec: Partial<Deployment['spec']> = {}) {
    return this.client.create(deployments, deploymentOf(name, spec));
  }
}

export function deploymentOf(name: string, spec: Partial<Deployment['spec']> = {}) {
  const labels = { app: name };
  return {
    metadata: { namespace: NAMESPACE, name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      ...spec,
    },
  };
}

export function apply(expression: string) {
  return { patchType: 'ApplyConfiguration', applyConfiguration: { expression } } as const;
}

export function jsonPatch(expression: string) {
  return { patchType: 'JSONPatch', jsonPatch: { expression } } as const;
}
