/** The project's own source files, read once for all checks. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface SourceFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

export function sourceFiles(root: string): readonly SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
  });
  const paths = listed.toString().split('\n');
  return paths
    .filter((path) => path !== '' && !path.endsWith('.gen.ts'))
    .map((path) => {
      const text = readFileSync(`${root}/${path}`, 'utf8');
      return { path, text, lines: text.split('\n') };
    });
}
