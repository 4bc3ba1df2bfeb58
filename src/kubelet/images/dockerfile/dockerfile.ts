/**
 * Reads a Dockerfile of the kind that only places files (pure): FROM, COPY, ADD of files, ENV, ARG, LABEL,
 * WORKDIR, USER, EXPOSE, VOLUME, STOPSIGNAL, ENTRYPOINT, CMD.
 *
 * Inputs: the text, the paths of the folder beside it and the base images at hand. Output: what to copy
 * where, and the configuration; or the first line that cannot be followed, and why. Worked example: with a
 * file `site/index.html`, the text `FROM busybox`, `WORKDIR /www`, `COPY site .` copies `site/index.html` to
 * `www/index.html` on top of busybox's layers.
 */

import type { BuiltImage, RunConfig } from '../image.ts';
import { type ContextEntry, type Copy, type CopyOptions, planCopies, resolvePath } from './copy.ts';
import { type InstructionLine, instructionLines, jsonWords, splitWords } from './words.ts';

export interface BuildPlan {
  readonly base?: BuiltImage;
  readonly copies: readonly Copy[];
  /** Folders that WORKDIR makes, without the leading slash. */
  readonly folders: readonly string[];
  readonly config: RunConfig;
}

export type DockerfileResult =
  | { readonly ok: true; readonly plan: BuildPlan }
  | { readonly ok: false; readonly line: number; readonly message: string };

export interface DockerfileInputs {
  readonly text: string;
  readonly context: readonly ContextEntry[];
  /** Values for ARG, as `--build-arg` gives them. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly findBase: (reference: string) => BuiltImage | undefined;
}

class LineError extends Error {}

interface State {
  readonly inputs: DockerfileInputs;
  base: BuiltImage | undefined;
  sawFrom: boolean;
  readonly variables: Map<string, string>;
  readonly env: Map<string, string>;
  readonly labels: Map<string, string>;
  readonly ports: Set<string>;
  readonly volumes: Set<string>;
  readonly copies: Copy[];
  readonly folders: Set<string>;
  workingDir: string;
  user: string | undefined;
  entrypoint: readonly string[] | undefined;
  cmd: readonly string[] | undefined;
  stopSignal: string | undefined;
}

export function readDockerfile(inputs: DockerfileInputs): DockerfileResult {
  const state = initialState(inputs);
  const lines = instructionLines(inputs.text);
  for (const line of lines) {
    try {
      follow(state, line);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      return { ok: false, line: line.line, message: error.message };
    }
  }
  if (!state.sawFrom) return { ok: false, line: 1, message: 'there is no FROM' };
  return { ok: true, plan: finish(state) };
}

function initialState(inputs: DockerfileInputs): State {
  return {
    inputs,
    base: undefined,
    sawFrom: false,
    variables: new Map(),
    env: new Map(),
    labels: new Map(),
    ports: new Set(),
    volumes: new Set(),
    copies: [],
    folders: new Set(),
    workingDir: '/',
    user: undefined,
    entrypoint: undefined,
    cmd: undefined,
    stopSignal: undefined,
  };
}

const refused: Readonly<Record<string, string>> = {
  RUN:
    'RUN executes programs while the image is built, which this builder does not do: it only places files. ' +
    'Build with another tool and bring the result in with `k8ts image import`',
  HEALTHCHECK: 'HEALTHCHECK has no meaning in Kubernetes: use probes in the pod',
  ONBUILD: 'ONBUILD is not supported',
  SHELL: 'SHELL is not supported: write ENTRYPOINT and CMD as ["program", "argument"]',
  MAINTAINER: 'MAINTAINER is gone: use LABEL',
};

function follow(state: State, { name, rest }: InstructionLine): void {
  if (!state.sawFrom && name !== 'FROM' && name !== 'ARG') throw new LineError(`${name} stands before FROM`);
  if (rest.includes('<<') && (name === 'COPY' || name === 'ADD')) throw new LineError('<< is not supported');
  const words = (): readonly string[] => splitWords(rest, state.variables);
  switch (name) {
    case 'FROM':
      return from(state, words());
    case 'ARG':
      return arg(state, words());
    case 'COPY':
    case 'ADD':
      return copy(state, name, rest);
    case 'ENV':
      return pairs(state, rest, (key, value) => {
        state.env.set(key, value);
        state.variables.set(key, value);
      });
    case 'LABEL':
      return pairs(state, rest, (key, value) => void state.labels.set(key, value));
    case 'WORKDIR':
      state.workingDir = resolvePath(state.workingDir, one(name, words()));
      return void state.folders.add(state.workingDir.slice(1));
    case 'USER':
      state.user = one(name, words());
      return;
    case 'EXPOSE':
      for (const port of words()) state.ports.add(exposedPort(port));
      return;
    case 'VOLUME':
      for (const path of jsonWords(rest) ?? words()) state.volumes.add(path);
      return;
    case 'STOPSIGNAL':
      state.stopSignal = one(name, words());
      return;
    case 'ENTRYPOINT':
      state.entrypoint = program(rest);
      state.cmd = undefined;
      return;
    case 'CMD':
      state.cmd = program(rest);
      return;
    default:
      throw new LineError(refused[name] ?? `${name} is no instruction`);
  }
}

function from(state: State, words: readonly string[]): void {
  const [reference = '', as, ...more] = words.filter((word) => !word.startsWith('--platform='));
  if (state.sawFrom) throw new LineError('a second FROM: builds in several stages are not supported');
  if (reference === '' || (as !== undefined && (as.toLowerCase() !== 'as' || more.length !== 1))) {
    throw new LineError('FROM wants an image');
  }
  state.sawFrom = true;
  // Arguments from before FROM count for FROM only.
  state.variables.clear();
  if (reference === 'scratch') return;
  const base = state.inputs.findBase(reference);
  if (base === undefined) {
    throw new LineError(
      `the base image ${reference} is not at hand: FROM scratch and FROM busybox always are`,
    );
  }
  inherit(state, base);
}

function inherit(state: State, base: BuiltImage): void {
  const { config } = base;
  state.base = base;
  for (const entry of config.env ?? []) {
    const [key = '', ...value] = entry.split('=');
    state.env.set(key, value.join('='));
    state.variables.set(key, value.join('='));
  }
  for (const [key, value] of Object.entries(config.labels ?? {})) state.labels.set(key, value);
  for (const port of config.exposedPorts ?? []) state.ports.add(port);
  for (const path of config.volumes ?? []) state.volumes.add(path);
  state.workingDir = config.workingDir ?? '/';
  state.user = config.user;
  state.entrypoint = config.entrypoint;
  state.cmd = config.cmd;
  state.stopSignal = config.stopSignal;
}

function arg(state: State, words: readonly string[]): void {
  for (const word of words) {
    const [key = '', ...fallback] = word.split('=');
    const given = state.inputs.buildArgs?.[key];
    // ENV wins over ARG.
    if (state.env.has(key)) continue;
    if (given !== undefined) state.variables.set(key, given);
    else if (fallback.length > 0) state.variables.set(key, fallback.join('='));
  }
}

function copy(state: State, name: string, rest: string): void {
  const flags: string[] = [];
  let text = rest;
  for (let flag = /^--\S+\s*/.exec(text); flag !== null; flag = /^--\S+\s*/.exec(text)) {
    flags.push(flag[0].trim());
    text = text.slice(flag[0].length);
  }
  const json = jsonWords(text);
  const quoted = json?.flatMap((word) => splitWords(JSON.stringify(word), state.variables));
  const words = quoted ?? splitWords(text, state.variables);
  const destination = words.at(-1);
  if (words.length < 2 || destination === undefined)
    throw new LineError(`${name} wants sources and a destination`);
  const remote = words.find((word) => /^[a-z]+:\/\//.test(word) || word.startsWith('git@'));
  if (remote !== undefined) throw new LineError(`${remote}: only files of the folder can be added`);
  const archive = words.find((word) => name === 'ADD' && /\.(?:tar|tgz|tar\.\w+)$/.test(word));
  if (archive !== undefined) throw new LineError(`${archive}: ADD would unpack it, which is not supported`);
  const planned = planCopies({
    sources: words.slice(0, -1),
    destination,
    workingDir: state.workingDir,
    context: state.inputs.context,
    isFolder: (path) => isFolder(state, path),
    options: copyOptions(flags),
  });
  if ('problem' in planned) throw new LineError(planned.problem);
  state.copies.push(...planned.copies);
}

function isFolder(state: State, path: string): boolean {
  if (path === '' || state.folders.has(path) || state.base?.folders.has(path) === true) return true;
  return state.copies.some((entry) => entry.type === 'folder' && entry.path === path);
}

function copyOptions(flags: readonly string[]): CopyOptions {
  let options: CopyOptions = {};
  for (const flag of flags) {
    const [, owner, group] = /^--chown=(\d+)(?::(\d+))?$/.exec(flag) ?? [];
    const [, mode] = /^--chmod=0?([0-7]{3,4})$/.exec(flag) ?? [];
    if (owner !== undefined) options = { ...options, uid: Number(owner), gid: Number(group ?? owner) };
    else if (mode !== undefined) options = { ...options, mode: Number.parseInt(mode, 8) };
    else if (flag.startsWith('--chown='))
      throw new LineError(`${flag}: give numbers, as in --chown=1000:1000`);
    else if (flag !== '--link') throw new LineError(`${flag} is not supported`);
  }
  return options;
}

function pairs(state: State, rest: string, set: (key: string, value: string) => void): void {
  const words = splitWords(rest, state.variables);
  const [first = ''] = words;
  if (first === '') throw new LineError('a name and a value are missing');
  // The old form: `ENV NAME the whole rest`.
  if (!first.includes('=')) return set(first, words.slice(1).join(' '));
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new LineError(`${word} must have the form NAME=value`);
    set(word.slice(0, equals), word.slice(equals + 1));
  }
}

function one(name: string, words: readonly string[]): string {
  const [word] = words;
  if (word === undefined || words.length > 1) throw new LineError(`${name} wants one value`);
  return word;
}

function exposedPort(text: string): string {
  const [, port, protocol = 'tcp'] = /^(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  if (port === undefined) throw new LineError(`${text} is no port`);
  return `${port}/${protocol.toLowerCase()}`;
}

function program(rest: string): readonly string[] {
  return jsonWords(rest) ?? ['/bin/sh', '-c', rest];
}

function finish(state: State): BuildPlan {
  const { base, copies, folders, user, entrypoint, cmd, stopSignal, workingDir } = state;
  const config: RunConfig = {
    ...(state.env.size === 0 ? {} : { env: [...state.env].map(([key, value]) => `${key}=${value}`) }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(cmd === undefined ? {} : { cmd }),
    ...(user === undefined ? {} : { user }),
    ...(workingDir === '/' ? {} : { workingDir }),
    ...(state.ports.size === 0 ? {} : { exposedPorts: [...state.ports] }),
    ...(state.labels.size === 0 ? {} : { labels: Object.fromEntries(state.labels) }),
    ...(state.volumes.size === 0 ? {} : { volumes: [...state.volumes] }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
  // Folders of the base keep their owner and mode.
  const isNew = (path: string): boolean => path !== '' && base?.folders.has(path) !== true;
  return {
    copies: copies.filter((entry) => entry.type !== 'folder' || isNew(entry.path)),
    folders: [...folders].filter(isNew),
    config,
    ...(base === undefined ? {} : { base }),
  };
}
