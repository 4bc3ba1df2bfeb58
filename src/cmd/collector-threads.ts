/**
 * While the engine's threads mark, the main thread has to share the cores with them, and everybody who asks
 * waits. So they run at a lower priority, but only while nothing else wants the cores: at the end of every
 * collection the main thread waits for them, and beside busy programs they would not get on (decision 0012).
 *
 * Needs Linux, and root: others may lower a priority, but not give it back.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Clock } from '../host/host.ts';

/** The pinned engine's name for them. */
const THREAD_NAME = 'node-V8Worker';
const TASKS = '/proc/self/task';
const USUAL = 0;
const LOWER = 10;
const PERIOD_MS = 5_000;
/** While this process has nothing to do there is nothing to mark either, and each look wakes a core. */
const IDLE_PERIOD_MS = 30_000;
/** Of one core. */
const IDLE_MAX = 0.1;
/** Of all cores, what others may take. */
const OTHERS_MAX = 0.2;

/** What all cores have done since the start of the machine, and this process of it, in milliseconds. */
export interface CpuTimes {
  readonly all: number;
  /** At work, or taken away by the host of a virtual machine. */
  readonly busy: number;
  readonly own: number;
}

/** Called once; goes on for as long as the process runs. */
export function letMainThreadGoFirst(clock: Clock): void {
  const threads = process.getuid?.() === 0 ? collectorThreads() : [];
  if (threads.length === 0) return;
  let last = cpuTimes();
  let priority = USUAL;
  let periodMs = PERIOD_MS;
  const look = (): void => {
    const now = cpuTimes();
    const next = shareOfOthers(last, now) < OTHERS_MAX ? LOWER : USUAL;
    periodMs = nextPeriodMs(now.own - last.own, periodMs);
    last = now;
    if (next !== priority && !changed(threads, next)) return;
    priority = next;
    clock.after(periodMs, look);
  };
  clock.after(periodMs, look);
}

/** Their numbers, which Linux takes where the number of a process belongs; none elsewhere. */
export function collectorThreads(): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync(TASKS)
    .filter((id) => readFileSync(`${TASKS}/${id}/comm`, 'utf8').trim() === THREAD_NAME)
    .map(Number);
}

/** Pure. */
export function shareOfOthers(before: CpuTimes, now: CpuTimes): number {
  const all = now.all - before.all;
  if (all <= 0) return 1;
  return Math.max(0, now.busy - before.busy - (now.own - before.own)) / all;
}

/** When to look again after a period in which this process did `ownMs` of work; pure. */
export function nextPeriodMs(ownMs: number, periodMs: number): number {
  return ownMs < IDLE_MAX * periodMs ? IDLE_PERIOD_MS : PERIOD_MS;
}

/** `line`: the first of `/proc/stat`, in hundredths of a second; pure. */
export function timesOf(line: string, ownMs: number): CpuTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, stolen = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) * 10);
  const busy = user + nice + system + irq + softIrq + stolen;
  return { all: busy + idle + wait, busy, own: ownMs };
}

function cpuTimes(): CpuTimes {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const { user, system } = process.cpuUsage();
  return timesOf(line, (user + system) / 1000);
}

/** False where the kernel does not allow it: then they stay as they are. */
function changed(threads: readonly number[], priority: number): boolean {
  try {
    for (const thread of threads) setPriority(thread, priority);
    return true;
  } catch {
    return false;
  }
}
