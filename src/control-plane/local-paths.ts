/** Where the built-in class of volumes puts its folders on nodes, and how it gets rid of them. */

import type { NodeOperationsOf } from '../apiserver/streaming/pod-streams.ts';
import type { LocalPathOptions } from '../controllers/local-path-provisioner/local-path-provisioner.ts';
import type { Clock } from '../host/host.ts';

/** For a folder of a volume with everything in it. */
const REMOVE_MAX_MS = 60_000;

export interface LocalPathParts {
  readonly localVolumesRoot: string;
  readonly operationsOf: NodeOperationsOf;
  readonly clock: Clock;
}

export function localPaths({ localVolumesRoot, operationsOf, clock }: LocalPathParts): LocalPathOptions {
  return {
    root: localVolumesRoot,
    remove: async (nodeName, path) => {
      const operations = operationsOf(nodeName);
      if (operations === undefined) throw new Error(`the node ${nodeName} cannot be reached`);
      const stopping = new AbortController();
      const timer = clock.after(REMOVE_MAX_MS, () => stopping.abort());
      try {
        await operations.removeLocalPath(path, stopping.signal);
      } finally {
        timer.cancel();
      }
    },
  };
}
