import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createNodeDisk } from '../host/node/disk.ts';
import { loadProgram, type Program } from './kept-code.ts';

interface Calculator {
  readonly add: (a: number, b: number) => number;
  readonly where: string;
  readonly join: (...parts: string[]) => string;
}

const TEXT = `(function (module, require, programUrl) {
  const add = (a, b) => { const parts = [a, b]; return parts.reduce((sum, part) => sum + part, 0); };
  module.exports = { add, where: programUrl, join: require('node:path').join };
})`;

describe('kept code', () => {
  const disk = createNodeDisk();
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'k8ts-kept-'));
  });
  after(() => rm(folder, { recursive: true }));

  const write = async (name: string): Promise<URL> => {
    await writeFile(join(folder, name), TEXT);
    return pathToFileURL(join(folder, name));
  };
  const load = (url: URL): Program<Calculator> => loadProgram(url, join(folder, 'compiled'));
  const keptFile = async (name: string): Promise<string> => {
    const [file = ''] = (await readdir(join(folder, 'compiled'))).filter((one) => one.startsWith(name));
    return join(folder, 'compiled', file);
  };

  it('is made by the first run and used by the second', async () => {
    const url = await write('twice.cjs');
    const first = load(url);
    assert.equal(first.isKept, false);
    await first.keep(disk);
    const second = load(url);
    assert.equal(second.isKept, true);
    assert.equal(second.exports.add(2, 3), 5);
    assert.equal(second.exports.where, url.href);
    assert.equal(second.exports.join('a', 'b'), 'a/b');
  });

  it('holds what was compiled when it was called', async () => {
    await load(await write('idle.cjs')).keep(disk);
    const called = load(await write('called.cjs'));
    called.exports.add(1, 2);
    await called.keep(disk);
    const size = async (name: string): Promise<number> => (await stat(await keptFile(name))).size;
    assert.ok((await size('called.cjs')) > (await size('idle.cjs')));
  });

  it('is not used when it is damaged, and made anew', async () => {
    const url = await write('damaged.cjs');
    await load(url).keep(disk);
    const file = await keptFile('damaged.cjs');
    const bytes = await readFile(file);
    for (const damaged of [bytes.with(bytes.length - 1, 1 ^ (bytes.at(-1) ?? 0)), bytes.subarray(0, 3)]) {
      await writeFile(file, damaged);
      const program = load(url);
      assert.equal(program.isKept, false);
      assert.equal(program.exports.add(2, 2), 4);
      await program.keep(disk);
      assert.equal(load(url).isKept, true);
    }
  });

  it('is not written again while it is good', async () => {
    const url = await write('good.cjs');
    await load(url).keep(disk);
    await disk.remove(await keptFile('good.cjs'));
    const program = load(url);
    await program.keep(disk);
    const { mtimeMs, ino } = await stat(await keptFile('good.cjs'));
    await load(url).keep(disk);
    const later = await stat(await keptFile('good.cjs'));
    assert.deepEqual([later.mtimeMs, later.ino], [mtimeMs, ino]);
  });

  it('is done without where it cannot be written', async () => {
    const url = await write('refused.cjs');
    await writeFile(join(folder, 'a-file'), '');
    const program = loadProgram<Calculator>(url, join(folder, 'a-file', 'compiled'));
    await program.keep(disk);
    assert.equal(program.exports.add(1, 1), 2);
  });
});
