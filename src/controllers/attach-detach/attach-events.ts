/** What pods hear of their volumes, worded as upstream words it. Pure. */

import type { Pod, VolumeAttachment } from '../../api/types.gen.ts';
import type { Statement } from '../said-once/said-once.ts';
import type { Attachable } from './attachable.ts';

export function attachSuccess({ volume }: Attachable): Statement {
  const message = `AttachVolume.Attach succeeded for volume "${volume}" `;
  return { type: 'Normal', reason: 'SuccessfulAttachVolume', message };
}

export function attachFailure({ volume }: Attachable, error: string): Statement {
  const message = `AttachVolume.Attach failed for volume "${volume}" : ${error}`;
  return { type: 'Warning', reason: 'FailedAttachVolume', message };
}

export function attachError({ status }: VolumeAttachment): string | undefined {
  return status.attachError === undefined ? undefined : (status.attachError.message ?? '');
}

/** Who has the volume is told only as far as it lies in the pod's own namespace. */
export function multiAttach({ volume }: Attachable, pod: Pod, users: readonly Pod[]): Statement {
  const own = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
  const names = own.map(({ metadata }) => metadata.name ?? '').toSorted();
  const foreign = users.length - own.length;
  const message = `Multi-Attach error for volume "${volume}" ${whoHasIt(names, foreign)}`;
  return { type: 'Warning', reason: 'FailedAttachVolume', message };
}

function whoHasIt(names: readonly string[], foreign: number): string {
  if (names.length + foreign === 0)
    return "Volume is already exclusively attached to one node and can't be attached to another";
  const used = 'Volume is already used by';
  if (names.length === 0) return `${used} ${foreign} pod(s) in different namespaces`;
  const others = foreign === 0 ? '' : ` and ${foreign} pod(s) in different namespaces`;
  return `${used} pod(s) ${names.join(', ')}${others}`;
}
