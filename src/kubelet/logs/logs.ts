/** Where the output of containers is read: files in CRI format on a real node, memory on a simulated one. */

export interface LogFile {
  /** Undefined when there is no such log. */
  size(): Promise<number | undefined>;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface LoggedContainer {
  readonly id: string;
  readonly logPath: string;
}

export interface ContainerLogs {
  open(container: LoggedContainer): LogFile;
  /** Absent where logs do not grow. `reopen` makes the runtime begin a new file. */
  rotate?(container: LoggedContainer, nowMs: number, reopen: () => Promise<void>): Promise<void>;
}
