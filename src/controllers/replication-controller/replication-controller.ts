/** The controller of ReplicationControllers, the ReplicaSets of old; what it does is in `replicas/`. */

import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import { fromLabelMap } from '../../api/labels/selector.ts';
import { replicaController } from '../replicas/replicas.ts';

export const replicationController = replicaController('replication-controller', {
  type: replicationControllers,
  selector: ({ spec }) => (spec.selector === undefined ? undefined : fromLabelMap(spec.selector)),
  template: ({ spec }) => spec.template,
  countsTerminating: false,
});
