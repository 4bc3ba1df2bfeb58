/** The paths and queries of the kubelet's API; pure. Upstream's, with and without the pod's uid. */

import { badRequestError } from '../../api/meta/api-error.ts';
import type { ContainerRef, LogOptions } from '../../client/node-operations.ts';

/** `/exec/<namespace>/<pod>[/<uid>]/<container>` */
export function parseContainerPath(path: string): ContainerRef {
  const [namespace = '', pod = '', third = '', fourth] = path.split('/').slice(2).map(decodeURIComponent);
  const [uid, container] = fourth === undefined ? ['', third] : [third, fourth];
  if (namespace === '' || pod === '' || container === '') throw badRequestError(`${path} names no container`);
  return { namespace, pod, uid, container };
}

/** `/portForward/<namespace>/<pod>[/<uid>]` */
export function parsePodPath(path: string): Omit<ContainerRef, 'container'> {
  const [namespace = '', pod = '', uid = ''] = path.split('/').slice(2).map(decodeURIComponent);
  if (namespace === '' || pod === '') throw badRequestError(`${path} names no pod`);
  return { namespace, pod, uid };
}

export function isSet(value: string | null): boolean {
  return value === '1' || value === 'true';
}

export function parseLogOptions(query: URLSearchParams): LogOptions {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^\d+$/.test(text)) throw badRequestError(`${name} must be a whole number that is not negative`);
    return Number(text);
  };
  const [tailLines, sinceSeconds, limitBytes] = [
    number('tailLines'),
    number('sinceSeconds'),
    number('limitBytes'),
  ];
  const sinceTime = query.get('sinceTime');
  const stream = query.get('stream');
  return {
    follow: isSet(query.get('follow')),
    previous: isSet(query.get('previous')),
    timestamps: isSet(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceTime === null ? {} : { sinceTime }),
    ...(stream === 'Stdout' || stream === 'Stderr' ? { stream } : {}),
  };
}
