/** Node: a machine of the cluster. It registers itself, with the status that it found. */

import { AGE_COLUMN, NAME_COLUMN, NONE, textOr } from '../../../meta/columns.ts';
import { duplicate, forbidden, invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../../../labels/selector.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Node } from '../../../types.gen.ts';
import { validateResourceAmount } from '../resource-names.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';
const SPEC = ROOT_PATH.child('spec');
const STATUS = ROOT_PATH.child('status');
/** Where upstream says that taints are. */
const TAINTS = ROOT_PATH.child('metadata', 'taints');

export const nodes: ResourceDefinition<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  namespaced: false,
  message: 'core/v1.Node',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  keepsStatusOnCreate: true,
  hasGeneration: false,
  subresources: [
    { name: 'proxy', kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  ],
  defaults: defaultNetworks,
  validate,
  validateUpdate,
  validateStatusUpdate: validateStatus,
  selectableFieldNames: ['spec.unschedulable'],
  selectableFields: (node) => ({ 'spec.unschedulable': String(node.spec.unschedulable ?? false) }),
  columns: [
    NAME_COLUMN,
    column('Status', 'The status of the node', 0, status),
    column('Roles', 'The roles of the node', 0, roles),
    AGE_COLUMN,
    column(
      'Version',
      'Kubelet Version reported by the node.',
      0,
      (node) => node.status.nodeInfo.kubeletVersion,
    ),
    column('Internal-IP', 'The address of the node inside the cluster.', 1, (node) =>
      address(node, 'InternalIP'),
    ),
    column('External-IP', 'The address of the node outside the cluster.', 1, (node) =>
      address(node, 'ExternalIP'),
    ),
    column('OS-Image', 'What the machine runs.', 1, (node) =>
      textOr('<unknown>', node.status.nodeInfo.osImage),
    ),
    column('Kernel-Version', 'The version of its kernel.', 1, (node) =>
      textOr('<unknown>', node.status.nodeInfo.kernelVersion),
    ),
    column('Container-Runtime', 'What runs its containers.', 1, (node) =>
      textOr('<unknown>', node.status.nodeInfo.containerRuntimeVersion),
    ),
  ],
};

function column(
  name: string,
  description: string,
  priority: 0 | 1,
  value: (node: Node) => string,
): Column<Node> {
  return { name, type: 'string', description, priority, value };
}

function status({ spec, status: { conditions = [] } }: Node): string {
  const ready = conditions.find((condition) => condition.type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

function roles({ metadata: { labels = {} } }: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length)
      found.add(key.slice(ROLE_PREFIX.length));
    else if (key === ROLE_LABEL && value !== '') found.add(value);
  }
  return found.size === 0 ? NONE : [...found].toSorted().join(',');
}

function address({ status: { addresses = [] } }: Node, type: string): string {
  return textOr(NONE, addresses.find((a) => a.type === type)?.address);
}

/** `podCIDR` is the first of `podCIDRs`. */
function defaultNetworks(node: Node): Node {
  const { podCIDR = '', podCIDRs = [] } = node.spec;
  const first = podCIDRs[0] ?? '';
  if (podCIDR === first) return node;
  if (podCIDR === '') return { ...node, spec: { ...node.spec, podCIDR: first } };
  return first === '' ? { ...node, spec: { ...node.spec, podCIDRs: [podCIDR] } } : node;
}

function validate({ spec }: Node): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, taint] of (spec.taints ?? []).entries()) {
    const path = TAINTS.index(i);
    const keyProblem = labelKeyProblem(taint.key);
    if (keyProblem !== undefined) errors.push(invalid(path.child('key'), taint.key, keyProblem));
    const valueProblem = labelValueProblem(taint.value ?? '');
    if (valueProblem !== undefined) errors.push(invalid(path.child('value'), taint.value, valueProblem));
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) {
      const same = { ...duplicate(path, { ...taint }) };
      errors.push({ ...same, message: `${same.message}: taints must be unique by key and effect pair` });
    }
    seen.add(identity);
  }
  if ((spec.podCIDRs ?? []).length > 2) {
    errors.push(
      invalid(
        SPEC.child('podCIDRs'),
        [...(spec.podCIDRs ?? [])],
        'may specify no more than one CIDR for each IP family',
      ),
    );
  }
  return errors;
}

/** Amounts are whole where things are counted, and no address stands twice. */
function validateStatus({ status }: Node): FieldError[] {
  const errors = (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(status[field] ?? {}).flatMap(([name, text]) =>
      validateResourceAmount(STATUS.child(field, name), name, text),
    ),
  );
  const seen = new Set<string>();
  for (const [i, address] of (status.addresses ?? []).entries()) {
    const identity = `${address.type}/${address.address}`;
    if (seen.has(identity)) errors.push(duplicate(STATUS.child('addresses').index(i), { ...address }));
    seen.add(identity);
  }
  return errors;
}

function validateUpdate(next: Node, old: Node): FieldError[] {
  const errors: FieldError[] = [];
  if ((old.spec.podCIDRs ?? []).length > 0 && !deepEqual(next.spec.podCIDRs, old.spec.podCIDRs)) {
    const detail = 'node updates may not change podCIDR except from "" to valid';
    errors.push(forbidden(SPEC.child('podCIDRs'), detail));
  }
  const providerId = old.spec.providerID ?? '';
  if (providerId !== '' && next.spec.providerID !== providerId) {
    const detail = 'node updates may not change providerID except from "" to valid';
    errors.push(forbidden(SPEC.child('providerID'), detail));
  }
  return errors;
}
