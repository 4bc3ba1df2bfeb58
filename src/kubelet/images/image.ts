/**
 * Images as data: what the builder makes, in the words of the OCI image specification.
 *
 * Invariant: everything here is plain values, so that the same definition always gives the same digest.
 */

/**
 * One entry of a layer. Parent folders that the base has not need no entry: they are added with mode 0755.
 */
export type LayerEntry =
  | (EntryOwner & {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: Uint8Array;
    })
  | (EntryOwner & { readonly type: 'folder'; readonly path: string; readonly mode: number })
  | (EntryOwner & { readonly type: 'link'; readonly path: string; readonly target: string });

export interface EntryOwner {
  readonly uid?: number;
  readonly gid?: number;
}

/** How containers of the image run; fields as in a Dockerfile. */
export interface RunConfig {
  /** `NAME=value`, each name once. */
  readonly env?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  /** `80/tcp`. */
  readonly exposedPorts?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly stopSignal?: string;
}

export interface ImageDefinition {
  /** Complete references under which the image is known; at least one. */
  readonly references: readonly string[];
  /** Its layers come first; its configuration is not inherited here. */
  readonly base?: BuiltImage;
  readonly entries: readonly LayerEntry[];
  readonly config: RunConfig;
  readonly architecture: Architecture;
}

/** As Go and OCI name them. */
export type Architecture = 'amd64' | 'arm64';

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export interface BuiltImage {
  readonly references: readonly string[];
  /** Of the manifest: what `image@sha256:...` means. */
  readonly digest: string;
  /** Of the configuration: what the CRI calls the image's id. */
  readonly id: string;
  readonly config: RunConfig;
  readonly architecture: Architecture;
  readonly layers: readonly Blob[];
  /** Paths of all folders in it, so that an image on top leaves their modes alone. */
  readonly folders: ReadonlySet<string>;
  readonly manifest: Blob;
  readonly configBlob: Blob;
}
