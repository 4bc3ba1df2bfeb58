/**
 * Gets images for containers and volumes, by their pull policy.
 *
 * Inputs: an image, its pod's pull secrets. Outputs: the reference to start with, or the waiting reason; what happens is told through events, in upstream's words. Invariants: one pull of an image at a
 * time, and at most `PULLS_MAX` pulls at once; each pod backs off by itself.
 */

import { formatDuration } from '../../api/time/time.ts';
import type { Secret } from '../../api/types.gen.ts';
import type { Clock } from '../../host/host.ts';
import { CriError, type ImageService } from '../cri/cri.ts';
import { createLimiter } from '../limiter.ts';
import type { AuthConfig, Image, PodSandboxConfig } from '../cri/messages.ts';
import { completeImageReference } from './reference.ts';
import { credentialsFor } from './pull-secrets.ts';

const PULLS_MAX = 5;

export type ImageOutcome =
  | { readonly type: 'ok'; readonly imageRef: string; readonly image: Image | undefined }
  | {
      readonly type: 'failed';
      readonly reason: 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName' | 'ImageInspectError';
      readonly message: string;
    };

export type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

export type PullPolicy = 'Always' | 'Never' | 'IfNotPresent';

export interface ImageRequest {
  readonly image: string;
  /** Default `IfNotPresent`. */
  readonly policy?: PullPolicy | undefined;
  readonly secrets: readonly Secret[];
  readonly sandbox: PodSandboxConfig;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

export class ImagePuller {
  readonly #images: ImageService;
  readonly #clock: Clock;
  /** The last pull of each image that is under way. */
  readonly #pulls = new Map<string, Promise<unknown>>();
  readonly #limited = createLimiter(PULLS_MAX);

  constructor(images: ImageService, clock: Clock) {
    this.#images = images;
    this.#clock = clock;
  }

  async ensure(request: ImageRequest): Promise<ImageOutcome> {
    const { image, policy = 'IfNotPresent', tell } = request;
    if (completeImageReference(image) === undefined) {
      const cause = `couldn't parse image name "${image}": invalid reference format`;
      const message = `Failed to apply default image tag "${image}": ${cause}`;
      tell('Warning', 'InspectFailed', message);
      return { type: 'failed', reason: 'InvalidImageName', message };
    }
    try {
      const found = await this.#images.imageStatus({ image });
      if (found !== undefined && policy !== 'Always') {
        const how = 'already present on machine and can be accessed by the pod';
        tell('Normal', 'Pulled', `Container image "${image}" ${how}`);
        return { type: 'ok', imageRef: found.id, image: found };
      }
    } catch (error) {
      const message = `Failed to inspect image "${image}": ${rpcText(error)}`;
      tell('Warning', 'InspectFailed', message);
      return { type: 'failed', reason: 'ImageInspectError', message };
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      tell('Warning', 'ErrImageNeverPull', message);
      return { type: 'failed', reason: 'ErrImageNeverPull', message };
    }
    return this.#pull(request);
  }

  async #pull({ image, secrets, sandbox, tell, signal }: ImageRequest): Promise<ImageOutcome> {
    tell('Normal', 'Pulling', `Pulling image "${image}"`);
    const askedMs = this.#clock.monotonicMs();
    try {
      const { imageRef, startedMs } = await this.#oneAtATime(image, async () => {
        const began = this.#clock.monotonicMs();
        return {
          imageRef: await this.#pullWithAny(image, credentialsFor(image, secrets), sandbox, signal),
          startedMs: began,
        };
      });
      const found = await this.#images.imageStatus({ image: imageRef });
      const nowMs = this.#clock.monotonicMs();
      const [took, total] = [duration(nowMs - startedMs), duration(nowMs - askedMs)];
      const size = `Image size: ${found?.size ?? 0} bytes.`;
      tell(
        'Normal',
        'Pulled',
        `Successfully pulled image "${image}" in ${took} (${total} including waiting). ${size}`,
      );
      return { type: 'ok', imageRef, image: found };
    } catch (error) {
      const message = rpcText(error);
      if (!signal.aborted) tell('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      return { type: 'failed', reason: 'ErrImagePull', message };
    }
  }

  async #pullWithAny(
    image: string,
    credentials: readonly AuthConfig[],
    sandbox: PodSandboxConfig,
    signal: AbortSignal,
  ): Promise<string> {
    let failure: unknown;
    for (const auth of credentials.length === 0 ? [undefined] : credentials) {
      try {
        return await this.#images.pullImage({ image }, auth, sandbox, signal);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #oneAtATime<T>(image: string, work: () => Promise<T>): Promise<T> {
    const before = this.#pulls.get(image) ?? Promise.resolve();
    const mine = before.then(
      () => this.#limited(work),
      () => this.#limited(work),
    );
    this.#pulls.set(image, mine);
    try {
      return await mine;
    } finally {
      if (this.#pulls.get(image) === mine) this.#pulls.delete(image);
    }
  }
}

/** As gRPC clients print errors, which is what people search for. */
export function rpcText(error: unknown): string {
  if (error instanceof CriError) return `rpc error: code = ${error.code} desc = ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function duration(ms: number): string {
  return formatDuration(BigInt(Math.round(ms)) * 1_000_000n);
}
