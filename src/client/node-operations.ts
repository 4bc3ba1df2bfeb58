/**
 * What the API server asks of a node beside the API: logs, commands in containers, forwarded ports. A
 * kubelet in the same process implements it directly; one elsewhere is reached over HTTPS
 * (`node/remote-node-operations.ts`), where the kubelet's server implements it again.
 *
 * All methods throw `ApiError` for what cannot be done (no such container, not running).
 */

export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Never empty: the caller has chosen. */
  readonly container: string;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Of the container instance before the current one. */
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
  /** Default: both. */
  readonly stream?: 'Stdout' | 'Stderr';
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
}

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The caller's ends of a process's streams. */
export interface ProcessStreams {
  /** Ends when the caller closes its side; undefined: no input. */
  readonly stdin: AsyncIterable<Uint8Array> | undefined;
  /** Resolves when the caller can take more; undefined: not wanted. */
  readonly stdout: ((chunk: Uint8Array) => Promise<void>) | undefined;
  readonly stderr: ((chunk: Uint8Array) => Promise<void>) | undefined;
  readonly resizes: AsyncIterable<TerminalSize> | undefined;
}

export type ExecResult =
  | { readonly exitCode: number }
  /** The command could not be run, or the runtime lost it. */
  | { readonly error: string };

export interface PortStream {
  readonly incoming: AsyncIterable<Uint8Array>;
  write(chunk: Uint8Array): Promise<void>;
  /** No more is written; `incoming` may go on. */
  end(): void;
  destroy(): void;
}

export interface NodeOperations {
  /** Chunks of log text; ends at the end of the log, or never with `follow` until `signal` aborts. */
  logs(container: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
  exec(
    container: ContainerRef,
    options: ExecOptions,
    streams: ProcessStreams,
    signal: AbortSignal,
  ): Promise<ExecResult>;
  attach(
    container: ContainerRef,
    tty: boolean,
    streams: ProcessStreams,
    signal: AbortSignal,
  ): Promise<ExecResult>;
  /** One connection to a port of the pod. Rejects when nothing listens there. */
  portForward(pod: Omit<ContainerRef, 'container'>, port: number, signal: AbortSignal): Promise<PortStream>;
  /** The folder of a volume of the built-in provisioner, with all that is in it. Harmless when it is gone. */
  removeLocalPath(path: string, signal: AbortSignal): Promise<void>;
}
