/**
 * The simulated image store of a node: images come into being by being pulled, after the scripted delay.
 *
 * Ids are derived from names, so that equal nodes hold equal images.
 */

import { createHash } from 'node:crypto';

import type { Clock } from '../../../host/host.ts';
import { completeImageReference } from '../../images/reference.ts';
import { CriError } from '../cri.ts';
import type { Image } from '../messages.ts';
import type { ImageBehaviour } from './behaviour.ts';

const defaultSizeBytes = 32 * 2 ** 20;

export class MemoryImages {
  readonly #clock: Clock;
  readonly #script: (image: string) => ImageBehaviour;
  /** By id. */
  readonly #images = new Map<string, Image>();
  readonly #removed = new Set<string>();

  constructor(clock: Clock, script: (image: string) => ImageBehaviour) {
    this.#clock = clock;
    this.#script = script;
  }

  /** By id, tag or digest; undefined when it is not there. */
  find(image: string): Image | undefined {
    const byId = this.#images.get(image) ?? this.#images.get(`sha256:${image}`);
    if (byId !== undefined) return byId;
    const name = completeImageReference(image);
    if (name === undefined) return undefined;
    const known = this.#images.get(imageId(name));
    if (known !== undefined) return known;
    if (this.#removed.has(name)) return undefined;
    const behaviour = this.#script(name);
    return behaviour.present === true ? this.#add(name, behaviour) : undefined;
  }

  async pull(image: string, signal?: AbortSignal): Promise<Image> {
    const name = completeImageReference(image);
    if (name === undefined) {
      throw new CriError(
        'InvalidArgument',
        `failed to parse image reference "${image}": invalid reference format`,
      );
    }
    const behaviour = this.#script(name);
    if ((behaviour.pullDelayMs ?? 0) > 0) await this.#clock.sleep(behaviour.pullDelayMs ?? 0, signal);
    if (signal?.aborted === true) throw new CriError('Cancelled', 'context canceled', signal.reason);
    if (behaviour.pullError !== undefined) throw behaviour.pullError;
    this.#removed.delete(name);
    return this.#images.get(imageId(name)) ?? this.#add(name, behaviour);
  }

  list(): readonly Image[] {
    return [...this.#images.values()];
  }

  remove(image: string): void {
    const found = this.find(image);
    if (found === undefined) return;
    this.#images.delete(found.id);
    // One that was there from the start must not come back by being asked for.
    for (const name of [...found.repoTags, ...found.repoDigests]) {
      if (this.#script(name).present === true) this.#removed.add(name);
    }
  }

  usedBytes(): number {
    return this.list().reduce((sum, image) => sum + image.size, 0);
  }

  #add(name: string, { sizeBytes = defaultSizeBytes }: ImageBehaviour): Image {
    const id = imageId(name);
    const [repository = name, digest] = name.split('@');
    const colon = repository.lastIndexOf(':');
    const base = colon > repository.lastIndexOf('/') ? repository.slice(0, colon) : repository;
    const image: Image = {
      id,
      repoTags: digest === undefined ? [name] : [],
      repoDigests: [`${base}@${digest ?? id}`],
      size: sizeBytes,
      username: '',
      pinned: false,
    };
    this.#images.set(id, image);
    return image;
  }
}

function imageId(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}
