/** Which volume a claim gets on a node's disk, and which volumes are to go. Pure. */

import type { Draft } from '../../api/meta/object.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.gen.ts';
import { PROVISIONED_BY, SELECTED_NODE, STORAGE_PROVISIONER } from '../../api/volume-binding/annotations.ts';
import { LOCAL_PATH_PROVISIONER } from '../../api/volume-binding/local-path.ts';

const HOSTNAME = 'kubernetes.io/hostname';

export interface ProvisioningView {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass | undefined;
  /** The node that the scheduler chose, if it is there. */
  readonly node: Node | undefined;
  /** The folder on every node below which volumes lie. */
  readonly root: string;
}

export type ProvisioningPlan =
  | { readonly type: 'nothing' }
  | { readonly type: 'create'; readonly volume: Draft<PersistentVolume> & NamedDraft }
  /** The chosen node is gone: the scheduler has to choose again. */
  | { readonly type: 'reschedule'; readonly message: string }
  | { readonly type: 'refuse'; readonly message: string };

interface NamedDraft {
  readonly metadata: { readonly name: string };
}

/** Whether the binder has left the claim to this provisioner. */
export function isAsked({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (
    metadata.annotations?.[STORAGE_PROVISIONER] === LOCAL_PATH_PROVISIONER &&
    metadata.deletionTimestamp === undefined &&
    (spec.volumeName ?? '') === ''
  );
}

export function planProvisioning(view: ProvisioningView): ProvisioningPlan {
  const { claim, storageClass, node } = view;
  if (!isAsked(claim) || storageClass?.provisioner !== LOCAL_PATH_PROVISIONER) return { type: 'nothing' };
  const chosen = claim.metadata.annotations?.[SELECTED_NODE] ?? '';
  const isWaiting = chosen === '' && storageClass.volumeBindingMode === 'WaitForFirstConsumer';
  if (isWaiting) return { type: 'nothing' };
  const problem = problemOf(claim, chosen);
  const failed = `failed to provision volume with StorageClass "${storageClass.metadata.name ?? ''}"`;
  if (problem !== undefined) return { type: 'refuse', message: `${failed}: ${problem}` };
  if (node === undefined)
    return { type: 'reschedule', message: `failed to get target node: node "${chosen}" not found` };
  return { type: 'create', volume: volumeFor(view, storageClass, node) };
}

/** What a folder on one node cannot be. */
function problemOf({ spec }: PersistentVolumeClaim, chosen: string): string | undefined {
  if (chosen === '') return 'no node was chosen; the class needs volumeBindingMode WaitForFirstConsumer';
  if (spec.selector !== undefined) return 'claim.Spec.Selector is not supported';
  if (spec.volumeMode === 'Block') return 'block volumes are not supported';
  if ((spec.volumeAttributesClassName ?? '') !== '') return 'volumes have no attributes that could be set';
  if (spec.dataSource !== undefined || spec.dataSourceRef !== undefined)
    return 'volumes cannot be filled from a data source';
  const shared = (spec.accessModes ?? []).find(
    (mode) => mode !== 'ReadWriteOnce' && mode !== 'ReadWriteOncePod',
  );
  if (shared === undefined) return undefined;
  return `access mode ${shared} is not supported, only ReadWriteOnce and ReadWriteOncePod are`;
}

function volumeFor(
  { claim, root }: ProvisioningView,
  storageClass: StorageClass,
  node: Node,
): Draft<PersistentVolume> & NamedDraft {
  const { namespace = '', name = '', uid = '', resourceVersion } = claim.metadata;
  const { mountOptions, parameters = {} } = storageClass;
  const volumeName = `pvc-${uid}`;
  const hostname = node.metadata.labels?.[HOSTNAME] ?? node.metadata.name ?? '';
  const near = { key: HOSTNAME, operator: 'In', values: [hostname] } as const;
  return {
    metadata: { name: volumeName, annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER } },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources.requests?.['storage'] ?? '0' },
      claimRef: {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        ...{ namespace, name, uid, resourceVersion },
      },
      // Names as well, so that people find the data.
      hostPath: {
        path: `${parameters['path'] ?? root}/${volumeName}_${namespace}_${name}`,
        type: 'DirectoryOrCreate',
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      ...(mountOptions === undefined ? {} : { mountOptions }),
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [near] }] } },
    },
  };
}

/** A volume that nobody has any more, and that its class does not want kept. */
export function isToBeDeleted(volume: PersistentVolume): boolean {
  return (
    volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH_PROVISIONER &&
    volume.metadata.deletionTimestamp === undefined &&
    volume.spec.persistentVolumeReclaimPolicy === 'Delete' &&
    volume.status.phase === 'Released'
  );
}

/** The `kubernetes.io/hostname` of the node on whose disk the volume lies. */
export function hostnameOf({ spec }: PersistentVolume): string | undefined {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const expressions = terms.flatMap(({ matchExpressions = [] }) => matchExpressions);
  return expressions.find(({ key }) => key === HOSTNAME)?.values?.[0];
}

export function isCalled({ metadata }: Node, hostname: string): boolean {
  return (metadata.labels?.[HOSTNAME] ?? metadata.name) === hostname;
}
