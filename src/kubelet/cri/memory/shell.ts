/**
 * Foretells what a simple command line would do, without running anything: `sh -c 'echo hi; sleep 2; exit 3'`
 * prints `hi` and ends after two seconds with code 3.
 *
 * Input: an argument vector and the environment.
 * Output: its lines and, when everything was understood, when and how it ends.
 * Known words: echo, env, sleep, exit, true, false, `:`, trap (ignored), exec, and sequences by `;`, `&&`,
 * newlines. The first unknown word ends the foretelling: it is taken for a server that runs on.
 */

export interface OutputLine {
  /** Since the start of the container. */
  readonly afterMs: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface CommandRun {
  readonly output: readonly OutputLine[];
  /** Absent: it runs on. */
  readonly exit?: { readonly afterMs: number; readonly code: number };
}

interface Progress {
  afterMs: number;
  code: number;
  readonly output: OutputLine[];
  readonly environment: Environment;
}

type Environment = readonly { readonly key: string; readonly value: string }[];

type Outcome = 'continue' | 'exit' | 'runs on';

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash']);
const unitMs: Readonly<Record<string, number>> = {
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export function runCommand(argv: readonly string[], environment: Environment = []): CommandRun {
  const progress: Progress = { afterMs: 0, code: 0, output: [], environment };
  const outcome = argv.length === 0 ? 'runs on' : runWords(argv, progress, false);
  if (outcome === 'runs on') return { output: progress.output };
  return { output: progress.output, exit: { afterMs: progress.afterMs, code: progress.code } };
}

function runWords(argv: readonly string[], progress: Progress, inShell: boolean): Outcome {
  const [program = '', ...args] = argv;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (shells.has(name)) return runShell(args, progress);
  progress.code = 0;
  switch (name) {
    case 'true':
    case ':':
    case 'trap':
      return 'continue';
    case 'false':
      progress.code = 1;
      return 'continue';
    case 'echo':
      progress.output.push({ afterMs: progress.afterMs, stream: 'stdout', text: args.join(' ') });
      return 'continue';
    case 'env':
      if (args.length > 0) return 'runs on';
      for (const { key, value } of progress.environment)
        progress.output.push({ afterMs: progress.afterMs, stream: 'stdout', text: `${key}=${value}` });
      return 'continue';
    case 'sleep':
      return sleep(args, progress);
    case 'exec':
      return runWords(args, progress, inShell) === 'runs on' ? 'runs on' : 'exit';
    case 'exit':
      if (!inShell) return 'runs on';
      progress.code = Number(args[0] ?? 0) & 0xff;
      return 'exit';
    default:
      return 'runs on';
  }
}

function sleep(args: readonly string[], progress: Progress): Outcome {
  let totalMs = 0;
  for (const arg of args) {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(arg) ?? [];
    if (amount === undefined) return 'runs on';
    totalMs += Number(amount) * (unitMs[unit] ?? 0);
  }
  if (args.length === 0) return 'runs on';
  progress.afterMs += totalMs;
  return 'continue';
}

function runShell(args: readonly string[], progress: Progress): Outcome {
  const flag = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  const script = args[flag + 1];
  if (flag < 0 || script === undefined) return 'runs on';
  const stopsAtFailure = /^-[a-z]*e/.test(args[flag] ?? '');
  const commands = splitScript(script);
  if (commands === undefined) return 'runs on';
  let failed = false;
  for (const { words, afterSuccess } of commands) {
    if (words.length === 0 || (afterSuccess && failed)) continue;
    const outcome = runWords(words, progress, true);
    if (outcome === 'runs on') return 'runs on';
    // A shell within the shell that exits ends itself, not its parent.
    if (outcome === 'exit' && !shells.has(words[0] ?? '')) return 'exit';
    failed = progress.code !== 0;
    if (failed && stopsAtFailure) return 'exit';
  }
  return 'exit';
}

interface ScriptCommand {
  readonly words: readonly string[];
  /** Joined by `&&` to the one before. */
  readonly afterSuccess: boolean;
}

/** Splits a script into commands of words; undefined when it uses syntax that is not known here. */
function splitScript(script: string): readonly ScriptCommand[] | undefined {
  const commands: { words: string[]; afterSuccess: boolean }[] = [{ words: [], afterSuccess: false }];
  const token = /[ \t]+|(;|\n|&&)|'([^']*)'|"([^"$`\\]*)"|([^\s;&|<>'"$`\\(){}*?#]+)/y;
  let joined = false;
  while (token.lastIndex < script.length) {
    const match = token.exec(script);
    if (match === null) return undefined;
    const [, separator, single, double, bare] = match;
    const words = commands.at(-1)?.words ?? [];
    const piece = single ?? double ?? bare;
    if (separator !== undefined) commands.push({ words: [], afterSuccess: separator === '&&' });
    else if (piece !== undefined && joined) words.push((words.pop() ?? '') + piece);
    else if (piece !== undefined) words.push(piece);
    joined = piece !== undefined;
  }
  return commands;
}
