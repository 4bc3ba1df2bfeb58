/**
 * The door to the outside. Time, randomness, disk, network and processes come in through these
 * interfaces, so that a whole cluster can run on one thread under a seed (`simulated/`) or for real
 * (`node/`).
 *
 * Invariants: nothing above this folder reads the wall clock, draws random numbers, opens files or starts
 * processes by itself; every wait takes an AbortSignal.
 */

import type { Duplex } from 'node:stream';

export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly network: Network;
  readonly processes: Processes;
}

export interface Timer {
  /** Harmless when the timer has fired or was cancelled before. */
  cancel(): void;
}

export interface Clock {
  /** Wall time in milliseconds since 1970-01-01 UTC; may jump. */
  now(): number;
  /** Milliseconds since an arbitrary point; never goes back. Use it for durations. */
  monotonicMs(): number;
  /**
   * Calls `run` once after `delayMs`; at once when it is zero or negative. Does not keep the process alive.
   */
  after(delayMs: number, run: () => void): Timer;
  /** Resolves after `delayMs`, or early (without an error) when `signal` aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  bytes(length: number): Uint8Array;
  /** A version 4 UUID. */
  uuid(): string;
}

export interface Disk {
  /**
   * Opens for appending, creating the file (mode 0600) when it is not there. With `durably` what is appended is
   * durable when `append` resolves, which takes less than appending and syncing; what was there before need not be.
   */
  openAppend(path: string, how?: 'durably'): Promise<AppendFile>;
  /** The whole file, or undefined when there is none. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Up to `length` bytes from `offset` on; fewer at the end of the file, none when there is no file. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Opens for reading piece by piece; undefined when there is none. */
  openRead(path: string): Promise<ReadFile | undefined>;
  /** Size of a file in bytes; undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /**
   * Writes a new file and makes it durable, then renames it into place: afterwards old or new, never half.
   */
  writeFileAtomic(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /** Names in the folder, sorted; empty when there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Removes a file or a whole folder; harmless when it is not there. */
  remove(path: string): Promise<void>;
  /** Creates the folder and its parents. */
  makeFolder(path: string, mode?: number): Promise<void>;
  /** Makes the folder's list of names durable (new, renamed and removed files). */
  syncFolder(path: string): Promise<void>;
  /**
   * Takes a lock file for this process; undefined while somebody else holds it, in this process or another.
   * It is free again after `release` and when the process ends, however it ends: there are no stale locks.
   */
  lock(path: string): Promise<DiskLock | undefined>;
}

export interface DiskLock {
  release(): Promise<void>;
}

export interface ReadFile {
  /** Fills `into` with what the file has from `offset` on; how many bytes, fewer only at its end. */
  read(into: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

export interface AppendFile {
  /** Size in bytes, all appended bytes included. */
  readonly size: number;
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Resolves when everything appended before the call is durable. Rejects on a full or failing disk. */
  sync(): Promise<void>;
  /** Cuts the file; used to drop a torn tail and a failed append. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** How a node looks whether its containers are well. */
export interface Prober {
  /** Whether a TCP connection to host:port opens within `timeoutMs`; `ok: false` says why not. */
  probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeAnswer>;
  /**
   * One HTTP(S) GET without following redirects to other hosts; certificates are not verified (as probes
   * do).
   */
  probeHttp(request: HttpProbe): Promise<ProbeAnswer & { readonly status?: number; readonly body?: string }>;
}

export interface Network extends Prober {
  /**
   * One HTTPS request whose certificate is verified. Rejects with why there was no answer. For what may be
   * asked twice: connections are used again, and one that the other side has just closed is made up for.
   */
  request(request: HttpsRequest): Promise<HttpsAnswer>;
  /**
   * One HTTP(S) request whose bodies flow: resolves with the head of the answer. Rejects with why there was
   * none, and when `signal` aborts, which also ends an answer under way.
   */
  open(request: StreamedRequest): Promise<StreamedAnswer>;
}

export interface StreamedRequest {
  readonly method: string;
  /** `http:` or `https:` */
  readonly url: string;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** Taken as fast as the other side takes it; absent: none. */
  readonly body?: AsyncIterable<Uint8Array>;
  /** Connects there, while the certificate is that of the URL's host. */
  readonly connectTo?: { readonly host: string; readonly port: number };
  /** Whom to trust; absent: whom the system trusts. */
  readonly caPem?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  readonly clientCertificate?: { readonly certificatePem: string; readonly keyPem: string };
  readonly signal: AbortSignal;
}

export interface StreamedAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** Read as fast as the caller takes it; rejects when the connection breaks before the end. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The connection itself after 101 Switching Protocols, which the caller then owns. */
  readonly upgraded?: Duplex;
}

export interface HttpsRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: Uint8Array;
  /** Connects there, while host and certificate are those of the URL. */
  readonly connectTo?: { readonly host: string; readonly port: number };
  /** Whom to trust; absent: whom the system trusts. */
  readonly caPem?: string;
  readonly clientCertificate?: { readonly certificatePem: string; readonly keyPem: string };
  readonly timeoutMs: number;
  /** A longer answer counts as none. */
  readonly answerMaxBytes: number;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  readonly body: Uint8Array;
}

export interface HttpProbe {
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly timeoutMs: number;
}

export interface ProbeAnswer {
  readonly ok: boolean;
  readonly reason?: string;
}

export interface Processes {
  /** Runs to the end. Resolves for every exit code; rejects when the program cannot be started. */
  run(command: readonly string[], options?: RunOptions): Promise<ProcessResult>;
  /** Starts a long-running process. */
  spawn(command: readonly string[], options?: SpawnOptions): ChildProcess;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ProcessResult {
  /** 0 to 255; 128 + the signal's number when a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** File that takes stdout and stderr (appended); without it they are dropped. */
  readonly logFile?: string;
  /** Lives on when this process ends (its own session); default false. */
  readonly detached?: boolean;
}

export interface ChildProcess {
  readonly pid: number;
  readonly exited: Promise<number>;
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void;
}
