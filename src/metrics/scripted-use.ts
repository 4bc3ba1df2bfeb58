/**
 * What containers use that do not exist: those of simulated nodes and of fleets. The annotations are kwok's, and
 * like there they say what each container of the pod uses; without them it is a tenth of what it asks for.
 */

import { quantityMilliValue, parseQuantity, quantityValue } from '../api/quantity/quantity.ts';
import type { Container, Pod } from '../api/types.gen.ts';

export const CPU_ANNOTATION = 'kwok.x-k8s.io/usage-cpu';
export const MEMORY_ANNOTATION = 'kwok.x-k8s.io/usage-memory';

export interface ScriptedUse {
  readonly cpuNanoCores: number;
  readonly memoryBytes: number;
}

const SHARE_OF_REQUEST = 0.1;
/** Of a container that asks for nothing: what kwok gives it, and some memory. */
const IDLE: ScriptedUse = { cpuNanoCores: 1e6, memoryBytes: 8 * 2 ** 20 };

export function scriptedUse({ metadata }: Pod, container: Container): ScriptedUse {
  const requests = container.resources?.requests ?? {};
  const said = (annotation: string): string | undefined => {
    const text = metadata.annotations?.[annotation];
    return text === undefined || typeof parseQuantity(text) === 'string' ? undefined : text;
  };
  const [cpu, memory] = [said(CPU_ANNOTATION), said(MEMORY_ANNOTATION)];
  return {
    cpuNanoCores:
      cpu !== undefined
        ? quantityMilliValue(cpu) * 1e6
        : share(requests['cpu'], (text) => quantityMilliValue(text) * 1e6, IDLE.cpuNanoCores),
    memoryBytes:
      memory !== undefined
        ? quantityValue(memory)
        : share(requests['memory'], quantityValue, IDLE.memoryBytes),
  };
}

function share(request: string | undefined, value: (text: string) => number, idle: number): number {
  return request === undefined ? idle : Math.round(value(request) * SHARE_OF_REQUEST);
}
