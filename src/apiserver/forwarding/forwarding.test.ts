import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerHeaders, requestHeaders } from './forward-headers.ts';
import { rewriteHtml, rewriteLink } from './links.ts';
import { cutProxiedPath, isProxyable, parseProxyName } from './proxy-target.ts';

test('names of what is proxied', () => {
  const table: readonly (readonly [string, object | undefined])[] = [
    ['web', { scheme: '', name: 'web', port: '' }],
    ['web:80', { scheme: '', name: 'web', port: '80' }],
    ['web:', { scheme: '', name: 'web', port: '' }],
    ['https:web:admin', { scheme: 'https', name: 'web', port: 'admin' }],
    ['https:web:', { scheme: 'https', name: 'web', port: '' }],
    [':web:80', { scheme: '', name: 'web', port: '80' }],
    ['ftp:web:80', undefined],
    ['', undefined],
    [':80', undefined],
    ['a:b:c:d', undefined],
  ];
  for (const [text, wanted] of table) assert.deepEqual(parseProxyName(text), wanted, text);
});

test('a path is cut behind its word proxy, and the rest stays as it was sent', () => {
  const prefix = '/api/v1/namespaces/x/services/web:80/proxy';
  const table: readonly (readonly [string, string, string, string])[] = [
    [prefix, prefix, '', ''],
    [`${prefix}?a=b`, prefix, '', '?a=b'],
    [`${prefix}/`, prefix, '/', ''],
    [`${prefix}/a%2Fb//c/?d=%20`, prefix, '/a%2Fb//c/', '?d=%20'],
    ['/api/v1/nodes/n:10250/proxy/healthz', '/api/v1/nodes/n:10250/proxy', '/healthz', ''],
  ];
  for (const [url, before, path, query] of table)
    assert.deepEqual(cutProxiedPath(url), { prefix: before, path, query }, url);
});

test('which addresses are proxied', () => {
  for (const address of ['10.42.0.7', '192.168.1.1', 'fd00::1']) assert.ok(isProxyable(address), address);
  for (const address of [
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '239.1.1.1',
  ])
    assert.ok(!isProxyable(address), address);
});

test('headers of one hop and credentials stay here', () => {
  const sent = requestHeaders(
    {
      ':method': 'GET',
      authorization: 'Bearer secret',
      connection: 'keep-alive, x-mine',
      'x-mine': '1',
      'impersonate-user': 'jane',
      'x-remote-user': 'root',
      'x-remote-extra-scopes': 'all',
      'transfer-encoding': 'chunked',
      'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.c2VjcmV0, v4.channel.k8s.io',
      accept: 'a/b',
      'x-forwarded-for': '1.2.3.4',
    },
    '5.6.7.8',
  );
  assert.deepEqual(sent, {
    'sec-websocket-protocol': 'v4.channel.k8s.io',
    accept: 'a/b',
    'x-forwarded-for': '1.2.3.4, 5.6.7.8',
  });
  const answer = { connection: 'close', 'keep-alive': 'timeout=5', 'set-cookie': ['a', 'b'], upgrade: 'h2c' };
  assert.deepEqual(answerHeaders(answer), { 'set-cookie': ['a', 'b'] });
});

const PLACE = { prefix: '/p/proxy', host: '10.42.0.7:80', clientHost: 'localhost:8001' };

test('links', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/a/b?c=d#e', '/p/proxy/a/b?c=d#e'],
    ['/', '/p/proxy/'],
    ['a/b', 'a/b'],
    ['#top', '#top'],
    ['', ''],
    ['http://10.42.0.7:80/a', '/p/proxy/a'],
    ['//10.42.0.7:80/a/', '/p/proxy/a/'],
    ['https://localhost:8001/a', '/p/proxy/a'],
    ['http://elsewhere/a', 'http://elsewhere/a'],
    ['/p/proxy/a', '/p/proxy/a'],
    ['mailto:a@b', 'mailto:a@b'],
    ['data:/a', 'data:/a'],
  ];
  for (const [link, wanted] of table) assert.equal(rewriteLink(link, PLACE), wanted, link);
});

test('pages', () => {
  const table: readonly (readonly [string, string])[] = [
    ['<a href="/a">x</a>', '<a href="/p/proxy/a">x</a>'],
    ["<IMG alt='>' SRC='/i.png'/>", "<IMG alt='>' SRC='/p/proxy/i.png'/>"],
    ['<form action=/go method=post>', '<form action="/p/proxy/go" method=post>'],
    ['<p title="/a">/a</p>', '<p title="/a">/a</p>'],
    ['<!-- <a href="/a"> -->', '<!-- <a href="/a"> -->'],
    [
      '<script src="/s.js">"<a href=\'/a\'>"</script><a href=/b>',
      '<script src="/p/proxy/s.js">"<a href=\'/a\'>"</script><a href="/p/proxy/b">',
    ],
    ['<a href="http://other/a">', '<a href="http://other/a">'],
  ];
  for (const [page, wanted] of table) assert.equal(rewriteHtml(page, PLACE), wanted, page);
});
