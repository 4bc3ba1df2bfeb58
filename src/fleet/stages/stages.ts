/**
 * The Stages of one kind, ready to be played. As soon as there is any, even one that is not supported, they
 * and nothing else say how objects of the kind are played; what is not supported is said as an event of the
 * Stage.
 */

import type { ControllerContext } from '../../reconcile/controller.ts';
import { Followed } from '../followed.ts';
import { compileStage, type CompiledStage } from './compile.ts';
import { stages, type Stage, type StagedKind } from './stage.ts';

export class Stages {
  readonly #kind: StagedKind;
  readonly #followed: Followed<Stage>;
  /** By name; undefined: it is not supported. */
  readonly #compiled = new Map<string, CompiledStage | undefined>();
  #all: readonly CompiledStage[] = [];

  constructor({ informers, events }: ControllerContext, kind: StagedKind, onChange: () => void) {
    this.#kind = kind;
    this.#followed = new Followed(informers, stages);
    this.#followed.subscribe((next, _old, name) => {
      const wasMine = this.#compiled.delete(name);
      const isMine = next !== undefined && this.#isMine(next);
      if (isMine) {
        const outcome = compileStage(next);
        this.#compiled.set(name, outcome.ok ? outcome.stage : undefined);
        if (!outcome.ok) events.record(next, 'Warning', 'StageNotSupported', outcome.problem);
      }
      if (!wasMine && !isMine) return;
      // The order decides between equals.
      this.#all = [...this.#compiled]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, stage]) => (stage?.kind === kind ? [stage] : []));
      onChange();
    });
  }

  get isThereAny(): boolean {
    return this.#followed.list().some(({ spec }) => spec.resourceRef?.kind === this.#kind);
  }

  /** Whether there is any is not known yet. */
  get isPending(): boolean {
    return this.#followed.isPending;
  }

  all(): readonly CompiledStage[] {
    return this.#all;
  }

  /** Somebody has to say that a kind is not supported. */
  #isMine({ spec }: Stage): boolean {
    const { kind } = spec.resourceRef ?? {};
    return kind === this.#kind || (this.#kind === 'Node' && kind !== 'Pod');
  }
}
