/** `/livez`, `/readyz`, `/healthz` with their single checks and `?verbose`, and `/version`. */

import type { Component } from '../base/component.ts';
import { respondJson } from './http/answer.ts';
import type { Exchange } from './http/exchange.ts';
import type { PathHandler } from './http/front.ts';

export interface HealthCheck {
  readonly name: string;
  /** Undefined when healthy, else why not. */
  problem(): string | undefined;
}

export function componentCheck(component: Component): HealthCheck {
  return {
    name: component.name,
    problem: () => {
      const readiness = component.ready();
      return readiness.ready ? undefined : readiness.reason;
    },
  };
}

export class HealthHandler implements PathHandler {
  readonly #checks: () => readonly HealthCheck[];

  constructor(checks: () => readonly HealthCheck[]) {
    this.#checks = checks;
  }

  handle(path: string, exchange: Exchange, query: URLSearchParams): Promise<void> | undefined {
    const match = /^\/(livez|readyz|healthz)(?:\/([^/]+))?$/.exec(path);
    if (match === null) return undefined;
    const [, endpoint = '', single] = match;
    // A server that is up but not ready yet is alive.
    const checks = endpoint === 'livez' ? [] : this.#checks();
    const all = [{ name: 'ping', problem: () => undefined }, ...checks];
    const excluded = new Set(query.getAll('exclude'));
    const chosen = (single === undefined ? all : all.filter((c) => c.name === single)).filter(
      (c) => !excluded.has(c.name),
    );
    if (chosen.length === 0) return undefined;
    const results = chosen.map((check) => ({ name: check.name, problem: check.problem() }));
    respondHealth(exchange, endpoint, results, query.has('verbose'));
    return Promise.resolve();
  }
}

function respondHealth(
  exchange: Exchange,
  endpoint: string,
  results: readonly { readonly name: string; readonly problem: string | undefined }[],
  verbose: boolean,
): void {
  const failed = results.some((result) => result.problem !== undefined);
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  );
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  if (failed) exchange.respond(500, headers, `${lines.join('\n')}\n${endpoint} check failed\n`);
  else exchange.respond(200, headers, verbose ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok');
}

export interface VersionInfo {
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly buildDate: string;
}

export class VersionHandler implements PathHandler {
  readonly #body: object;

  constructor({ gitVersion, gitCommit, buildDate }: VersionInfo) {
    this.#body = {
      major: '1',
      minor: '36',
      emulationMajor: '1',
      emulationMinor: '36',
      minCompatibilityMajor: '1',
      minCompatibilityMinor: '35',
      gitVersion,
      gitCommit,
      gitTreeState: 'clean',
      buildDate,
      goVersion: `node${process.versions.node}`,
      compiler: 'v8',
      platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    };
  }

  handle(path: string, exchange: Exchange): Promise<void> | undefined {
    if (path !== '/version' && path !== '/version/') return undefined;
    respondJson(exchange, 200, this.#body);
    return Promise.resolve();
  }
}
