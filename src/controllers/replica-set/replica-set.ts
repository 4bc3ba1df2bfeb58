/** The ReplicaSet controller; what it does is in `replicas/`. */

import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { fromLabelSelector } from '../../api/labels/selector.ts';
import { replicaController } from '../replicas/replicas.ts';

export const replicaSetController = replicaController('replicaset-controller', {
  type: replicaSets,
  selector: ({ spec }) => fromLabelSelector(spec.selector),
  template: ({ spec }) => spec.template,
  countsTerminating: true,
});
