/** The condition `Dangling` of flow schemas: whether the priority level that they name is there. */

import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import { ApiError, isApiError } from '../../api/meta/api-error.ts';
import { formatTime } from '../../api/time/time.ts';
import type { FlowSchema, FlowSchemaCondition } from '../../api/types.gen.ts';
import { present } from '../../base/assert.ts';
import { errorText, type Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';

const SETTLE_MS = 1_000;
const FIELD_MANAGER = 'api-priority-and-fairness-config-consumer-v1';

/** The condition as it should be; undefined when it is so. Pure. */
export function danglingCondition(
  { spec, status }: FlowSchema,
  hasLevel: (name: string) => boolean,
  nowMs: number,
): FlowSchemaCondition | undefined {
  const { name } = spec.priorityLevelConfiguration;
  const isThere = hasLevel(name);
  const what = `This FlowSchema references the PriorityLevelConfiguration object named "${name}"`;
  const wanted = {
    type: 'Dangling',
    status: isThere ? 'False' : 'True',
    reason: isThere ? 'Found' : 'NotFound',
    message: isThere ? `${what} and it exists` : `${what} but there is no such object`,
  } as const;
  const current = status.conditions?.find(({ type }) => type === 'Dangling');
  const isSame =
    current?.status === wanted.status &&
    current.reason === wanted.reason &&
    current.message === wanted.message;
  return isSame ? undefined : { ...wanted, lastTransitionTime: formatTime(nowMs) };
}

interface State {
  readonly schemas: readonly FlowSchema[];
  readonly hasLevel: (name: string) => boolean;
}

export class DanglingConditions {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #next: State | undefined;
  #isBusy = false;

  constructor(client: Client, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Writes soon what is not as it should be, one after the other; only the newest state counts. Not at once:
   * a schema is often written just before its level is, above all when a new cluster gets its own.
   */
  note(schemas: readonly FlowSchema[], hasLevel: (name: string) => boolean): void {
    this.#next = { schemas, hasLevel };
    this.#plan();
  }

  #plan(): void {
    if (this.#isBusy || this.#next === undefined) return;
    this.#isBusy = true;
    this.#clock.after(SETTLE_MS, () => void this.#write());
  }

  async #write(): Promise<void> {
    const { schemas, hasLevel } = present(this.#next, 'what to write');
    this.#next = undefined;
    for (const schema of schemas) {
      const condition = danglingCondition(schema, hasLevel, this.#clock.now());
      if (condition === undefined) continue;
      // Nothing can be written any more; what one of them is refused says nothing of the others.
      if (!(await this.#apply(schema.metadata.name ?? '', condition))) break;
    }
    this.#isBusy = false;
    this.#plan();
  }

  async #apply(name: string, condition: FlowSchemaCondition): Promise<boolean> {
    const body = {
      apiVersion: `${flowSchemas.group}/${flowSchemas.version}`,
      kind: flowSchemas.kind,
      metadata: { name },
      status: { conditions: [{ ...condition }] },
    };
    const options = { fieldManager: FIELD_MANAGER, force: true, subresource: 'status' };
    try {
      await this.#client.patch(flowSchemas, { name }, { type: 'apply', body }, options);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true;
      const text = `the condition of flow schema ${name} could not be written: ${errorText(error)}`;
      this.#logger.warn(text, { error });
      return error instanceof ApiError;
    }
    return true;
  }
}
