/** Which drivers that used to be built in CSI drivers stand in for on a node. */

import type { CSINode } from '../../api/types.gen.ts';

export const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

export interface MigratedPlugins {
  /** As the node has it. */
  readonly text: string;
  readonly names: ReadonlySet<string>;
}

export const NO_PLUGINS: MigratedPlugins = { text: '', names: new Set() };

/** Nodes of a cluster are alike; a handful of texts is all there is. */
const READ_MAX = 16;

/** Reads each text once. */
export class MigratedPluginsReader {
  readonly #read = new Map<string, MigratedPlugins>();

  of(csiNode: CSINode | undefined): MigratedPlugins {
    const text = csiNode?.metadata.annotations?.[MIGRATED_PLUGINS] ?? '';
    if (text === '') return NO_PLUGINS;
    const present = this.#read.get(text);
    if (present !== undefined) return present;
    if (this.#read.size >= READ_MAX) this.#read.clear();
    const plugins = { text, names: new Set(text.split(',')) };
    this.#read.set(text, plugins);
    return plugins;
  }
}
