import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs } from './clock.ts';
import { createSimulatedHost } from './simulated.ts';

test('timers fire in order, at their time, and nothing moves by itself', async () => {
  const { clock } = createSimulatedHost(1, { startMs: 1000 });
  const log: string[] = [];
  const note = (what: string) => (): void => void log.push(`${clock.now()} ${what}`);
  clock.after(30, note('c'));
  clock.after(10, note('a'));
  clock.after(10, note('b'));
  const cancelled = clock.after(20, note('never'));
  cancelled.cancel();
  clock.after(10, () => clock.after(5, note('nested')));
  assert.equal(clock.nextTimerAt(), 1010);
  await clock.settle();
  assert.deepEqual(log, []);
  await clock.advance(29);
  assert.deepEqual(log, ['1010 a', '1010 b', '1015 nested']);
  await clock.advance('1h');
  assert.deepEqual(log.slice(3), ['1030 c']);
  assert.equal(clock.now(), 1029 + 3_600_000);
  assert.equal(clock.nextTimerAt(), undefined);
});

test('promises settle between timers', async () => {
  const { clock } = createSimulatedHost(1, { startMs: 0 });
  const log: string[] = [];
  const worker = async (name: string, ms: number): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(ms);
      for (let hop = 0; hop < 20; hop++) await Promise.resolve();
      log.push(`${clock.now()} ${name}`);
    }
  };
  void worker('a', 10);
  void worker('b', 15);
  await clock.advance(1000);
  // A timer that was set earlier fires earlier at the same time.
  assert.deepEqual(log, ['10 a', '15 b', '20 a', '30 b', '30 a', '45 b']);
});

test('immediate work runs without time moving, and is waited for', async () => {
  const { clock } = createSimulatedHost(1, { startMs: 0 });
  let turns = 0;
  const again = (): void => {
    if (++turns < 50) clock.after(0, again);
  };
  again();
  await clock.settle();
  assert.equal(turns, 50);
  assert.equal(clock.now(), 0);
});

test('sleep ends early when its signal aborts', async () => {
  const { clock } = createSimulatedHost(1);
  const abort = new AbortController();
  const sleeping = clock.sleep(1000, abort.signal);
  abort.abort();
  await sleeping;
  await clock.sleep(1000, abort.signal);
  assert.equal(clock.nextTimerAt(), undefined);
});

test('wall time may jump, durations do not', async () => {
  const { clock } = createSimulatedHost(1, { startMs: 0 });
  clock.jumpWallTime(-500);
  await clock.advance(100);
  assert.equal(clock.now(), -400);
  assert.equal(clock.monotonicMs(), 100);
});

test('many cancelled timers take no room', async () => {
  const { clock } = createSimulatedHost(1);
  for (let i = 0; i < 10_000; i++) clock.after(1000 + i, () => assert.fail('cancelled')).cancel();
  let fired = false;
  clock.after(5, () => {
    fired = true;
  });
  await clock.advance('400d');
  assert(fired);
});

test('durations', () => {
  assert.equal(durationMs('1h30m'), 5_400_000);
  assert.equal(durationMs('400d'), 34_560_000_000);
  assert.equal(durationMs('1.5s20ms'), 1520);
  assert.throws(() => durationMs('5 minutes'), /not a duration/);
});

test('equal seeds draw equally, others do not', () => {
  const draw = (seed: number): string => {
    const { random } = createSimulatedHost(seed);
    return [
      random.next(),
      random.integer(1000),
      random.uuid(),
      Buffer.from(random.bytes(8)).toString('hex'),
    ].join();
  };
  assert.equal(draw(7), draw(7));
  assert.notEqual(draw(7), draw(8));
  const { random } = createSimulatedHost(3);
  assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const drawn = new Set(Array.from({ length: 1000 }, () => random.integer(10)));
  assert.deepEqual([...drawn].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (let i = 0; i < 100; i++) assert(random.next() < 1 && random.next() >= 0);
});

test('a crash takes what was not synced', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const { disk } = createSimulatedHost(seed);
    await disk.makeFolder('/d');
    const file = await disk.openAppend('/d/kept');
    await file.append([Buffer.from('synced.')]);
    await file.sync();
    await disk.syncFolder('/d');
    await file.append([Buffer.from('unsynced')]);
    const lost = await disk.openAppend('/d/unnamed');
    await lost.append([Buffer.from('x')]);
    await lost.sync();
    disk.crash();
    const kept = Buffer.from((await disk.readFile('/d/kept')) ?? []).toString();
    assert(kept.startsWith('synced.'), kept);
    await assert.rejects(file.append([Buffer.from('x')]), { code: 'EIO' });
  }
});

test('a full disk takes what fits and says so', async () => {
  const { disk } = createSimulatedHost(1);
  disk.capacity = 5;
  const file = await disk.openAppend('/f');
  await assert.rejects(file.append([Buffer.from('1234567')]), { code: 'ENOSPC' });
  assert.equal(file.size, 5);
  await file.truncate(0);
  await file.append([Buffer.from('123')]);
  assert.equal(await disk.size('/f'), 3);
});

test('scripted processes and probes', async () => {
  const { network, processes } = createSimulatedHost(1);
  processes.script('nft', (_command, { input }) => ({ stdout: `read ${String(input)}` }));
  const answer = await processes.run(['nft', '-f', '-'], { input: 'rules' });
  assert.deepEqual(answer, { exitCode: 0, stdout: 'read rules', stderr: '' });
  await assert.rejects(processes.run(['ip']), /no such program/);
  assert.equal(processes.calls.length, 2);
  assert.equal((await network.probeTcp('10.0.0.1', 80, 1000)).ok, false);
  network.onHttp = ({ url }) => ({ ok: url.endsWith('/healthz'), status: 200 });
  assert.equal((await network.probeHttp({ url: 'http://x/healthz', headers: [], timeoutMs: 1 })).ok, true);
});
