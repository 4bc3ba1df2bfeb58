/** The condition `Dangling` of flow schemas: whether the priority level that they name is there. */

import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatTime } from '../../api/time/time.ts';
import type { FlowSchema, FlowSchemaCondition } from '../../api/types.gen.ts';
import { errorText, type Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';

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
  const present = status.conditions?.find(({ type }) => type === 'Dangling');
  const isSame =
    present?.status === wanted.status &&
    present.reason === wanted.reason &&
    present.message === wanted.message;
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
  #isWriting = false;

  constructor(client: Client, clock: Clock, logger: Logger) {
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Writes what is not as it should be, one after the other; only the newest state counts. */
  note(schemas: readonly FlowSchema[], hasLevel: (name: string) => boolean): void {
    const isWriting = this.#next !== undefined || this.#isWriting;
    this.#next = { schemas, hasLevel };
    if (!isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let state = this.#take(); state !== undefined; state = this.#take()) {
      for (const schema of state.schemas) {
        const condition = danglingCondition(schema, state.hasLevel, this.#clock.now());
        if (condition !== undefined) await this.#apply(schema.metadata.name ?? '', condition);
      }
    }
    this.#isWriting = false;
  }

  #take(): State | undefined {
    const state = this.#next;
    this.#next = undefined;
    return state;
  }

  async #apply(name: string, condition: FlowSchemaCondition): Promise<void> {
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
      if (isApiError(error, 'NotFound')) return;
      const text = `the condition of flow schema ${name} could not be written: ${errorText(error)}`;
      this.#logger.warn(text, { error });
    }
  }
}
