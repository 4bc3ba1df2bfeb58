/** What tidy lets pass. Entries may only go: one that is no longer needed fails the check. */
export const EXEMPTIONS: readonly {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}[] = [];
