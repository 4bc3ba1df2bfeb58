/** Where the output of containers is read: files in CRI format on a real node, memory on a simulated one. */

export interface LogFile {
  /** Undefined when there is no such log. */
  size(): Promise<number | undefined>;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface ContainerLogs {
  open(container: { readonly id: string; readonly logPath: string }): LogFile;
}
