import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import * as http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createNodeDisk } from './disk.ts';
import { blockingCalls } from './file-calls.ts';
import { createNodeHost } from './node.ts';

const { clock, random, disk, network, processes } = createNodeHost();
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'k8ts-host-'));
});
after(() => rm(folder, { recursive: true }));

test('clock', async () => {
  const order: string[] = [];
  clock.after(0, () => order.push('at once'));
  clock.after(20, () => order.push('later'));
  clock.after(1, () => order.push('never')).cancel();
  const abort = new AbortController();
  const start = clock.monotonicMs();
  setTimeout(() => abort.abort(), 5);
  await clock.sleep(60_000, abort.signal);
  // Longer than the longest timer of Node, which would fire at once.
  clock.after(400 * 86_400_000, () => order.push('too early')).cancel();
  await clock.sleep(40);
  assert(clock.monotonicMs() - start < 10_000);
  assert.deepEqual(order, ['at once', 'later']);
});

test('random', () => {
  assert.equal(random.bytes(33).length, 33);
  assert.match(random.uuid(), /^[0-9a-f-]{36}$/);
  assert(random.integer(5) < 5 && random.next() < 1);
});

for (const [name, disk] of Object.entries({
  pooled: createNodeDisk(),
  blocking: createNodeDisk(blockingCalls),
})) {
  test(`disk, ${name} calls: append, read, cut, list, remove`, async () => {
    const path = join(folder, 'sub/file');
    await disk.makeFolder(join(folder, 'sub'));
    const file = await disk.openAppend(path);
    const chunks = Array.from({ length: 3000 }, (_, i) => Buffer.from(`${i},`));
    await file.append(chunks);
    await file.sync();
    assert.equal(file.size, Buffer.concat(chunks).length);
    assert.deepEqual(Buffer.from((await disk.readFile(path)) ?? []), Buffer.concat(chunks));
    assert.equal(Buffer.from(await disk.read(path, 2, 4)).toString(), '1,2,');
    assert.equal((await disk.read(path, file.size - 2, 100)).length, 2);
    const open = await disk.openRead(path);
    assert(open !== undefined);
    const into = Buffer.alloc(4);
    assert.deepEqual([await open.read(into, 2), into.toString()], [4, '1,2,']);
    assert.deepEqual([await open.read(into, file.size - 2), into.toString()], [2, '9,2,']);
    await open.close();
    assert.equal(await disk.openRead(join(folder, 'none')), undefined);
    await file.truncate(4);
    await file.append([Buffer.from('end')]);
    await file.close();
    assert.equal(Buffer.from((await disk.readFile(path)) ?? []).toString(), '0,1,end');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await disk.syncFolder(join(folder, 'sub'));
    await disk.writeFileAtomic(join(folder, 'sub/a'), Buffer.from('new'), 0o640);
    await disk.writeFileAtomic(join(folder, 'sub/a'), Buffer.from('newer'));
    assert.deepEqual(await disk.list(join(folder, 'sub')), ['a', 'file']);
    assert.equal(await disk.size(join(folder, 'sub/a')), 5);
    await disk.remove(join(folder, 'sub'));
    await disk.remove(join(folder, 'sub'));
    assert.deepEqual(await disk.list(join(folder, 'sub')), []);
    assert.equal(await disk.readFile(path), undefined);
    assert.equal(await disk.size(path), undefined);
    await assert.rejects(disk.openAppend(path), { code: 'ENOENT' });
  });
}

test('disk: a lock is exclusive, and goes with its process', async () => {
  const path = join(folder, 'lock');
  const source = `
    const { createNodeHost } = await import(${JSON.stringify(new URL('node.ts', import.meta.url).href)});
    const lock = await createNodeHost().disk.lock(${JSON.stringify(path)});
    console.log(lock === undefined ? 'refused' : 'taken');
    process.kill(process.pid, 'SIGKILL');`;
  const other = (): Promise<{ stdout: string }> =>
    processes.run([process.execPath, '--input-type=module', '-e', source]);
  assert.equal((await other()).stdout, 'taken\n');
  const lock = await disk.lock(path);
  assert(lock !== undefined);
  assert.equal(await disk.lock(path), undefined);
  assert.equal((await other()).stdout, 'refused\n');
  await lock.release();
  const again = await disk.lock(path);
  await again?.release();
  assert(again !== undefined);
});

test('processes', async () => {
  const answer = await processes.run(['sh', '-c', 'cat; echo $X >&2; exit 7'], {
    input: 'in',
    environment: { X: 'y' },
  });
  assert.deepEqual(answer, { exitCode: 7, stdout: 'in', stderr: 'y\n' });
  assert.equal((await processes.run(['sleep', '60'], { timeoutMs: 20 })).exitCode, 137);
  await assert.rejects(processes.run([join(folder, 'none')]), /cannot run/);
  assert.throws(() => processes.spawn([join(folder, 'none')]), /cannot start/);
  const logFile = join(folder, 'log');
  const child = processes.spawn(['sh', '-c', 'echo out; echo err >&2; sleep 60'], { logFile });
  while ((await disk.size(logFile)) !== 8) await clock.sleep(5);
  child.kill('SIGTERM');
  assert.equal(await child.exited, 143);
});

test('probes', async () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end();
    else if (request.url === '/moved') response.writeHead(302, { location: '/fine' }).end();
    else if (request.url === '/fine') response.end(`hello ${String(request.headers['x-probe'])}`);
    else if (request.url === '/large') response.end('x'.repeat(100_000));
    else if (request.url === '/bad') response.writeHead(500).end('broken');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const get = (path: string) =>
    network.probeHttp({
      url: `http://127.0.0.1:${port}${path}`,
      headers: [{ name: 'X-Probe', value: 'v' }],
      // What is left of a grace period is no whole number.
      timeoutMs: path === '/hangs' ? 50.25 : 4999.75,
    });
  assert.deepEqual(await get('/moved'), { ok: true, status: 200, body: 'hello v' });
  assert.deepEqual(await get('/away'), { ok: true, status: 302, body: '' });
  assert.equal((await get('/large')).body?.length, 10 * 1024);
  const bad = await get('/bad');
  assert.deepEqual([bad.ok, bad.status, bad.reason], [false, 500, 'HTTP probe failed with statuscode: 500']);
  assert.match((await get('/hangs')).reason ?? '', /timeout/);
  assert.deepEqual(await network.probeTcp('127.0.0.1', port, 1000), { ok: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.match((await network.probeTcp('127.0.0.1', port, 1000)).reason ?? '', /ECONNREFUSED/);
});

test('requests that nobody answers fail in the words of clients in Go', async () => {
  const silent = createServer((socket) => void socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}/convert?timeout=30s`;
  const post = (): Promise<unknown> =>
    network.request({ method: 'POST', url, headers: {}, timeoutMs: 50, answerMaxBytes: 100 });
  await assert.rejects(post(), { message: `Post "${url}": context deadline exceeded` });
  await new Promise((resolve) => silent.close(resolve));
  const refused = `Post "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`;
  await assert.rejects(post(), { message: refused });
});
