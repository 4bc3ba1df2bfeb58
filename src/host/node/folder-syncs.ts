/**
 * Folders are made durable together: whoever asks while one is being synced shares the next sync with all
 * others who ask until it begins. A cluster's first thirteen files take two or three syncs instead of thirteen.
 *
 * Invariant: what stood in the folder when `sync` was called is durable when it resolves.
 */

export class FolderSyncs {
  readonly #syncFolder: (path: string) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(syncFolder: (path: string) => Promise<void>) {
    this.#syncFolder = syncFolder;
  }

  /** Rejects when the sync that covers the call fails. */
  sync(path: string): Promise<void> {
    const next = this.#next.get(path) ?? this.#after(this.#running.get(path), path);
    this.#next.set(path, next);
    return next;
  }

  async #after(running: Promise<void> | undefined, path: string): Promise<void> {
    // Whether the one before succeeds is told to those who wait for it.
    await running?.catch(() => {});
    this.#next.delete(path);
    const own = this.#syncFolder(path);
    this.#running.set(path, own);
    try {
      await own;
    } finally {
      if (this.#running.get(path) === own) this.#running.delete(path);
    }
  }
}
