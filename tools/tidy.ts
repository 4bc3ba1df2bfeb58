/**
 * Style as a test: layers, sizes, banned words and calls, files that nobody imports. An exemption that is no
 * longer needed is an error too, so the list only shrinks.
 *
 * Run with `node tools/tidy.ts`; prints one line per problem and exits with 1 when there is any.
 */

import { dirname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXEMPTIONS } from './exemptions.ts';
import { LAYERS } from './layers.ts';
import { sourceFiles, type SourceFile } from './source-files.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 110;

interface Problem {
  readonly path: string;
  readonly rule: string;
  readonly detail: string;
}

/** Calls and words with what to use instead. `only` restricts a rule to paths that begin so. */
const BANNED: readonly { rule: string; pattern: RegExp; instead: string; except: readonly RegExp[] }[] = [
  {
    rule: 'ambient-time',
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    instead: 'Host.clock',
    except: [/^src\/(host|cmd)\//],
  },
  {
    rule: 'ambient-random',
    pattern: /\bMath\.random\(|\brandomUUID\(/,
    instead: 'Host.random',
    except: [/^src\/(host|cmd)\//],
  },
  {
    rule: 'ambient-timer',
    pattern: /(?<![.\w])set(Timeout|Interval)\(/,
    instead: 'Host.clock',
    except: [/^src\/(host|cmd)\//],
  },
  {
    rule: 'console',
    pattern: /\bconsole\./,
    instead: 'a Logger',
    except: [/^src\/(cmd|kubectl)\//, /^tools\//, /^bench\//, /^sim\//],
  },
  {
    rule: 'loose-type',
    pattern: /:\s*any\b|\bas any\b|<any>|@ts-ignore|@ts-nocheck/,
    instead: 'a type',
    except: [/^tools\/tidy\.ts$/],
  },
  {
    rule: 'unfinished',
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    instead: 'finish it, or name it in docs/status.md',
    except: [/^tools\/tidy\.ts$/],
  },
  {
    rule: 'skipped-test',
    pattern: /\b(test|it|describe)\.(skip|only|todo)\(/,
    instead: 'install what is missing',
    except: [],
  },
  { rule: 'default-export', pattern: /^export default /, instead: 'a named export', except: [] },
];

const BANNED_FILE_NAMES = /(^|\/)(utils?|helpers?|common|misc|index)\.ts$/;
const INNER_IO = /from '(?:node:)?(fs|fs\/promises|child_process|net|tls|http|https|http2|dgram|os)'/;

/** Adapters whose very purpose is the socket, the file or the process. */
const IO_ALLOWED: readonly RegExp[] = [
  /^src\/(host\/node|cmd|testing)\//,
  /^src\/apiserver\/http\//,
  /^src\/client\/(http|node)\//,
  /^src\/kubelet\/images\/dockerfile\/folder\.ts$/,
  /^src\/store\/sqlite\//,
  /^src\/kubelet\/(cri\/grpc|server|streaming|system\/linux)\//,
  /^src\/dns\/server\//,
  /^(tools|test|bench|sim)\//,
  /\.(test|fixture)\.ts$/,
];

function layerOf(path: string): number {
  const folder = /^src\/([^/]+)\//.exec(path)?.[1];
  return folder === undefined ? LAYERS.length : LAYERS.findIndex((layer) => layer.includes(folder));
}

function checkImports(file: SourceFile, known: ReadonlySet<string>, used: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const from = layerOf(file.path);
  const folder = file.path.split('/')[1] ?? '';
  if (file.path.startsWith('src/') && from < 0) {
    problems.push({
      path: file.path,
      rule: 'layers',
      detail: 'its folder stands in no layer of tools/layers.ts',
    });
  }
  for (const match of file.text.matchAll(
    /^(?:import|export|\}).*from '(\.[^']+)'|import\(\s*'(\.[^']+)'/gm,
  )) {
    const target = normalize(`${dirname(file.path)}/${match[1] ?? match[2] ?? ''}`);
    used.add(target);
    if (!known.has(target) && !target.endsWith('.gen.ts') && !target.endsWith('.json')) {
      problems.push({ path: file.path, rule: 'imports', detail: `there is no ${target}` });
    }
    if (!file.path.startsWith('src/') || !target.startsWith('src/')) continue;
    const to = layerOf(target);
    const sameFolder = target.split('/')[1] === folder;
    if (!sameFolder && to >= from)
      problems.push({ path: file.path, rule: 'layers', detail: `must not import ${target}` });
  }
  if (INNER_IO.test(file.text) && !IO_ALLOWED.some((allowed) => allowed.test(file.path))) {
    const detail = 'opens files, sockets or processes by itself: go through Host';
    problems.push({ path: file.path, rule: 'ambient-io', detail });
  }
  return problems;
}

function checkText(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  const data = /\/definitions\//.test(file.path);
  const isTest =
    /\.(test|fixture)\.ts$|\/contract[^/]*\.ts$/.test(file.path) ||
    /^(test|bench|sim|tools)\//.test(file.path);
  if (BANNED_FILE_NAMES.test(file.path))
    problems.push({ path: file.path, rule: 'name', detail: 'say what is in it' });
  if (!/^[a-z0-9.-]+\.ts$/.test(file.path.split('/').at(-1) ?? '')) {
    problems.push({ path: file.path, rule: 'name', detail: 'file names are kebab-case' });
  }
  const count = file.lines.length - 1;
  if (count > FILE_LINES_MAX && !data) {
    problems.push({
      path: file.path,
      rule: 'file-size',
      detail: `${count} lines, at most ${FILE_LINES_MAX}`,
    });
  }
  for (const [i, line] of file.lines.entries()) {
    const where = `line ${i + 1}`;
    if (line.length > COLUMNS_MAX && !data && !/['"`/]/.test(line)) {
      problems.push({ path: file.path, rule: 'columns', detail: `${where}: ${line.length} columns` });
    }
    for (const { rule, pattern, instead, except } of BANNED) {
      const isEdge = IO_ALLOWED.some((allowed) => allowed.test(file.path));
      if ((isTest || isEdge) && (rule.startsWith('ambient') || (isTest && rule === 'console'))) continue;
      if (!pattern.test(line) || /^\s*(\/?\*|\/\/)/.test(line) || except.some((e) => e.test(file.path)))
        continue;
      problems.push({ path: file.path, rule, detail: `${where}: use ${instead}` });
    }
  }
  if (!isTest || /^tools\//.test(file.path)) problems.push(...checkFunctions(file));
  return problems;
}

/** By indentation, which the formatter guarantees: from a line that opens a function to its closing brace. */
function checkFunctions(file: SourceFile): Problem[] {
  const problems: Problem[] = [];
  const opens =
    /^( {0,2})(export )?(async )?(function\b|static |get |set |async |\*|#?[a-zA-Z]\w*(<[^>]*>)?\().*\{$/;
  for (const [i, line] of file.lines.entries()) {
    if (!opens.test(line) || /^\s*(if|for|while|switch|return|else)\b/.test(line)) continue;
    const indent = /^ */.exec(line)?.[0] ?? '';
    const end = file.lines.findIndex((l, j) => j > i && (l === `${indent}}` || l === `${indent}};`));
    if (end - i + 1 > FUNCTION_LINES_MAX) {
      const detail = `line ${i + 1}: ${end - i + 1} lines, at most ${FUNCTION_LINES_MAX}`;
      problems.push({ path: file.path, rule: 'function-size', detail });
    }
  }
  return problems;
}

/** Files nobody imports are dead, unless something outside starts them. */
function checkOrphans(files: readonly SourceFile[], used: ReadonlySet<string>): Problem[] {
  const roots =
    /^(tools|test|bench|sim)\/|\.test\.ts$|\.fixture\.ts$|^src\/cmd\/(main|snapshot-thread|bundled-server)\.ts$|^src\/testing\/start-cluster\.ts$/;
  return files
    .filter(({ path }) => !used.has(path) && !roots.test(path))
    .map(({ path }) => ({ path, rule: 'orphan', detail: 'nothing imports it' }));
}

export function tidy(root: string): readonly Problem[] {
  const files = sourceFiles(root);
  const known = new Set(files.map((file) => file.path));
  const used = new Set<string>();
  const found = files.flatMap((file) => [...checkImports(file, known, used), ...checkText(file)]);
  found.push(...checkOrphans(files, used));
  const exempt = new Map(EXEMPTIONS.map((e) => [`${e.path} ${e.rule}`, false]));
  const open = found.filter(({ path, rule }) => {
    const key = `${path} ${rule}`;
    if (!exempt.has(key)) return true;
    exempt.set(key, true);
    return false;
  });
  const stale = [...exempt].filter(([, needed]) => !needed);
  return [
    ...open,
    ...stale.map(([key]) => ({ path: key, rule: 'exemption', detail: 'is no longer needed: remove it' })),
  ];
}

if (import.meta.main) {
  const problems = tidy(fileURLToPath(new URL('..', import.meta.url)));
  for (const { path, rule, detail } of problems) console.error(`${path}: ${rule}: ${detail}`);
  if (problems.length > 0) process.exitCode = 1;
}
