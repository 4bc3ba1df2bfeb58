/** `/livez`, `/readyz`, `/healthz` with their single checks and `?verbose`, and `/version`. */

import type { Component } from '../base/component.ts';
import type { Logger } from '../base/log.ts';
import { respondJson } from './http/answer.ts';
import type { Exchange } from './http/exchange.ts';
import type { PathHandler } from './http/front.ts';

export interface HealthCheck {
  readonly name: string;
  /** Undefined when healthy, else why not. */
  problem(): string | undefined;
  /** What fails it keeps requests away, but no restart would help: not asked by `/livez` and `/healthz`. */
  readonly isReadinessOnly?: boolean;
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

  readonly #isStopping: () => boolean;
  readonly #logger: Logger;

  constructor(checks: () => readonly HealthCheck[], isStopping: () => boolean, logger: Logger) {
    this.#checks = checks;
    this.#isStopping = isStopping;
    this.#logger = logger;
  }

  handle(path: string, exchange: Exchange, query: URLSearchParams): Promise<void> | undefined {
    const match = /^\/(livez|readyz|healthz)(?:\/(.+)|\/?)$/.exec(path);
    if (match === null) return undefined;
    const [, endpoint = '', single] = match;
    const checks = [PING, LOG, ...this.#checksOf(endpoint)];
    if (single === undefined) this.#serveAll(endpoint, checks, exchange, query);
    else {
      const check = checks.find(({ name }) => name === single);
      if (check === undefined) return undefined;
      const problem = check.problem();
      if (problem === undefined) respondText(exchange, 200, 'ok');
      else respondText(exchange, 500, `internal server error: ${problem}\n`);
    }
    return Promise.resolve();
  }

  /** One that stops is well, but not ready. */
  #checksOf(endpoint: string): readonly HealthCheck[] {
    const checks = this.#checks();
    if (endpoint !== 'readyz') return checks.filter(({ isReadinessOnly }) => isReadinessOnly !== true);
    const problem = (): string | undefined => (this.#isStopping() ? 'process is shutting down' : undefined);
    return [...checks, { name: 'shutdown', problem }];
  }

  #serveAll(
    endpoint: string,
    checks: readonly HealthCheck[],
    exchange: Exchange,
    query: URLSearchParams,
  ): void {
    const excluded = new Set(query.getAll('exclude'));
    const report = healthReport(checks, excluded);
    if (report.failures.length === 0) {
      const text = `${report.lines.join('\n')}\n${endpoint} check passed\n`;
      return respondText(exchange, 200, query.has('verbose') ? text : 'ok');
    }
    const failures = report.failures.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
    this.#logger.debug(`${endpoint} check failed: ${failures}`);
    respondText(exchange, 500, `${report.lines.join('\n')}\n${endpoint} check failed\n`);
  }
}

const PING: HealthCheck = { name: 'ping', problem: () => undefined };
/** Lines are written before the call that writes them returns: who answers is not blocked by them. */
const LOG: HealthCheck = { name: 'log', problem: () => undefined };

export interface HealthReport {
  readonly lines: readonly string[];
  readonly failures: readonly { readonly name: string; readonly problem: string }[];
}

/** What everybody may see: the endpoint is public, so reasons go to the log. Pure but for the checks. */
export function healthReport(checks: readonly HealthCheck[], excluded: ReadonlySet<string>): HealthReport {
  const failures: { name: string; problem: string }[] = [];
  const lines = checks.map(({ name, problem: find }) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok`;
    const problem = find();
    if (problem === undefined) return `[+]${name} ok`;
    failures.push({ name, problem });
    return `[-]${name} failed: reason withheld`;
  });
  const names = new Set(checks.map(({ name }) => name));
  const unknown = [...excluded].filter((name) => !names.has(name)).toSorted();
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => JSON.stringify(name)).join(',');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted}`);
  }
  return { lines, failures };
}

function respondText(exchange: Exchange, status: number, text: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  exchange.respond(status, headers, text);
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
