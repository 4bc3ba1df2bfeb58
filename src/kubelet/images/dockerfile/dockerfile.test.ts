import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { buildImage } from '../build.ts';
import type { ContextEntry } from './copy.ts';
import { type BuildPlan, readDockerfile } from './dockerfile.ts';
import { buildFolder } from './folder.ts';

const base = await buildImage({
  references: ['docker.io/library/busybox:1'],
  architecture: 'amd64',
  entries: [
    { type: 'folder', path: 'var/www', mode: 0o755 },
    { type: 'folder', path: 'tmp', mode: 0o1777 },
  ],
  config: { env: ['PATH=/bin'], cmd: ['sh'], labels: { from: 'base' } },
});

const context: readonly ContextEntry[] = [
  { path: 'Dockerfile', type: 'file', mode: 0o644 },
  { path: 'server.js', type: 'file', mode: 0o644 },
  { path: 'site', type: 'folder', mode: 0o755 },
  { path: 'site/a.html', type: 'file', mode: 0o644 },
  { path: 'site/b.html', type: 'file', mode: 0o644 },
  { path: 'site/img', type: 'folder', mode: 0o755 },
  { path: 'site/img/x.png', type: 'file', mode: 0o644 },
];

function read(text: string, buildArgs: Readonly<Record<string, string>> = {}): BuildPlan {
  const result = readDockerfile({
    text,
    context,
    buildArgs,
    findBase: (name) => (name === 'busybox:1' ? base : undefined),
  });
  assert.ok(result.ok, result.ok ? '' : `line ${result.line}: ${result.message}`);
  return result.plan;
}

test('copies go where Docker would put them', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['COPY server.js /app.js', ['app.js']],
    ['COPY server.js /app/', ['app/server.js']],
    ['COPY ./server.js .', ['server.js']],
    ['WORKDIR /srv\nWORKDIR app\nCOPY server.js .', ['srv/app/server.js']],
    ['WORKDIR /srv\nCOPY server.js /srv', ['srv/server.js']],
    ['COPY server.js /var/www', ['var/www/server.js']],
    ['COPY site /var/www', ['var/www/a.html', 'var/www/b.html', 'var/www/img', 'var/www/img/x.png']],
    ['COPY site/*.html /w/', ['w/a.html', 'w/b.html']],
    ['COPY ["site/a.html", "server.js", "/w/"]', ['w/a.html', 'w/server.js']],
    ['COPY site/img /pics', ['pics', 'pics/x.png']],
    ['ADD ../../server.js /x', ['x']],
    ['ENV DIR=/deep\nCOPY server.js ${DIR}/s.js', ['deep/s.js']],
  ];
  for (const [text, want] of cases) {
    assert.deepEqual(
      read(`FROM busybox:1\n${text}`).copies.map((copy) => copy.path),
      want,
      text,
    );
  }
  const [copy] = read('FROM scratch\nCOPY --chown=5:6 --chmod=0755 --link server.js /s').copies;
  assert.deepEqual([copy?.uid, copy?.gid, copy?.mode], [5, 6, 0o755]);
});

test('the configuration is inherited and changed', () => {
  const { config, folders } = read(`# a comment
ARG version=1
FROM busybox:1
ARG who=world
ENV PATH=$PATH:/app \\
    # a comment within
    GREETING="hello $who" LITERAL='$who'
ENV OLD the whole rest
LABEL a=b "c d"="e f"
WORKDIR /app
USER 1000:1000
EXPOSE 80 53/UDP
VOLUME ["/data"]
STOPSIGNAL SIGINT
ENTRYPOINT ["/bin/server", "--port", "80"]
`);
  assert.deepEqual(config, {
    env: ['PATH=/bin:/app', 'GREETING=hello world', 'LITERAL=$who', 'OLD=the whole rest'],
    labels: { from: 'base', a: 'b', 'c d': 'e f' },
    workingDir: '/app',
    user: '1000:1000',
    exposedPorts: ['80/tcp', '53/udp'],
    volumes: ['/data'],
    stopSignal: 'SIGINT',
    entrypoint: ['/bin/server', '--port', '80'],
  });
  assert.deepEqual(folders, ['app']);
  assert.deepEqual(read('FROM busybox:1\nCMD echo "$HOME"').config.cmd, ['/bin/sh', '-c', 'echo "$HOME"']);
  assert.deepEqual(
    read('FROM busybox:1\nARG v=1\nENV V=${v:-9}${none:-x}${v:+y}', { v: '2' }).config.env?.at(-1),
    'V=2xy',
  );
  assert.deepEqual(read('FROM busybox:1\nWORKDIR /tmp').folders, []);
});

test('what cannot be followed is refused with its line and a reason', () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['FROM busybox:1\n\nRUN make', 3, /RUN executes programs.*k8ts image import/],
    ['FROM golang:1.22', 1, /golang:1\.22 is not at hand/],
    ['FROM busybox:1\nFROM scratch', 2, /several stages/],
    ['COPY a b', 1, /before FROM/],
    ['', 1, /no FROM/],
    ['FROM scratch\nCOPY missing /', 2, /missing is not in the folder/],
    ['FROM scratch\nCOPY server.js', 2, /sources and a destination/],
    ['FROM scratch\nADD https://example.com/x /x', 2, /only files of the folder/],
    ['FROM scratch\nADD site.tar.gz /x', 2, /unpack/],
    ['FROM scratch\nCOPY --from=build /x /x', 2, /--from=build is not supported/],
    ['FROM scratch\nCOPY --chown=app server.js /x', 2, /give numbers/],
    ['FROM scratch\nEXPOSE http', 2, /http is no port/],
    ['FROM scratch\nENV A=1 B', 2, /NAME=value/],
    ['FROM scratch\nCOPYY a b', 2, /COPYY is no instruction/],
  ];
  for (const [text, line, message] of cases) {
    const result = readDockerfile({
      text,
      context,
      findBase: (name) => (name === 'busybox:1' ? base : undefined),
    });
    assert.ok(!result.ok, text);
    assert.equal(result.line, line, text);
    assert.match(result.message, message);
  }
});

test('a folder is built, ignored files left out, twice with the same digest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-image-'));
  try {
    await mkdir(join(folder, 'app/node_modules'), { recursive: true });
    await writeFile(join(folder, 'Dockerfile'), 'FROM busybox:1\nCOPY . /app/\nCMD ["sh"]\n');
    await writeFile(join(folder, '.dockerignore'), '**/node_modules\n*.log\n!keep.log\n');
    for (const name of ['app/main.sh', 'app/node_modules/x', 'drop.log', 'keep.log']) {
      await writeFile(join(folder, name), name, { mode: 0o644 });
    }
    await symlink('app/main.sh', join(folder, 'run'));
    const build = { folder, tags: ['shop/web:1'], bases: [base], architecture: 'amd64' } as const;
    const [one, two] = [await buildFolder(build), await buildFolder(build)];
    assert.ok(one.ok && two.ok);
    assert.equal(one.image.digest, two.image.digest);
    assert.deepEqual(one.image.references, ['docker.io/shop/web:1']);
    assert.equal(one.image.layers.length, 2);
    const names = Buffer.from(one.image.layers[1]?.bytes ?? '').toString();
    for (const there of ['app/app/main.sh', 'app/keep.log', 'app/run'])
      assert.ok(names.includes(there), there);
    for (const gone of ['node_modules', 'drop.log']) assert.ok(!names.includes(`app/${gone}`), gone);
    const refused = await buildFolder({ ...build, dockerfile: 'Other' });
    assert.ok(!refused.ok && refused.message.includes('Other is not there'));
    const noTag = await buildFolder({ ...build, tags: ['Not A Tag'] });
    assert.ok(!noTag.ok && noTag.message.includes('no image reference'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
