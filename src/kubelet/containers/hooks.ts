/** Lifecycle hooks: carried out inside the container (exec), from the node (http), or as a pause (sleep). */

import { whenAborted } from '../../base/abort.ts';
import { errorText } from '../../base/log.ts';
import type { Container, LifecycleHandler } from '../../api/types.gen.ts';
import type { Host, ProbeAnswer, Prober } from '../../host/host.ts';
import type { RuntimeService } from '../cri/cri.ts';
import { httpRequest } from '../probes/probe.ts';

export interface HookTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

export interface HookPorts {
  readonly host: Pick<Host, 'clock'>;
  readonly prober: Prober;
  readonly runtime: Pick<RuntimeService, 'execSync'>;
}

const NO_LIMIT_MS = 3_600_000;

/** Undefined when it succeeded, else why it failed. Ends early, as a failure, when `signal` aborts. */
export async function runHook(
  { host, prober, runtime }: HookPorts,
  handler: LifecycleHandler,
  { container, containerId, podIp }: HookTarget,
  timeoutMs: number | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { exec, httpGet, sleep } = handler;
  if (sleep !== undefined) {
    await host.clock.sleep(Math.min(sleep.seconds * 1000, timeoutMs ?? NO_LIMIT_MS), signal);
    return undefined;
  }
  if (exec !== undefined) {
    const seconds = timeoutMs === undefined ? 0 : Math.max(1, Math.ceil(timeoutMs / 1000));
    try {
      const { exitCode, stderr } = await runtime.execSync(containerId, exec.command ?? [], seconds, signal);
      if (exitCode === 0) return undefined;
      const command = (exec.command ?? []).join(' ');
      return `command '${command}' exited with ${exitCode}: ${Buffer.from(stderr).toString()}`;
    } catch (error) {
      return errorText(error);
    }
  }
  if (httpGet === undefined) return 'invalid handler: the hook names nothing to do';
  const request = httpRequest(httpGet, container, podIp);
  if (request === undefined) return `couldn't find port: ${httpGet.port}`;
  const stopped = Promise.withResolvers<ProbeAnswer>();
  const forget = whenAborted(signal, () => stopped.resolve({ ok: false, reason: 'context canceled' }));
  const asked = prober.probeHttp({ ...request, timeoutMs: timeoutMs ?? NO_LIMIT_MS });
  const answer: ProbeAnswer & { readonly status?: number } = await Promise.race([asked, stopped.promise]);
  forget();
  return answer.ok || answer.status !== undefined ? undefined : (answer.reason ?? 'no answer');
}
