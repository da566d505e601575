// node tls_client.js: a TLS client (Node's https and http2 modules).
//
// Reads one visit per line from stdin, words NAME=VALUE: port, ca (a PEM file), name, path,
// versions (such as 1.0,1.2: from the first to the last), alpn (such as h2,http/1.1). It connects
// to 127.0.0.1, asks for the path, reads to the end, and prints one JSON object per line: version,
// cipher (IANA's name), group, alpn, body, and "error" where it fails. With times=N it asks N times
// on one connection (HTTP/1.1 keep-alive); with alpn=h2 it speaks HTTP/2, and asks N times at once;
// with cancel=1 it cancels the last of them when it has the response's header section, with
// trailer=NAME it adds that trailer's value to the body. With echo=N instead of path it sends N
// bytes, and says "intact" as its body when the same bytes come back.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http2 = require('http2');
const https = require('https');
const tls = require('tls');

tls.DEFAULT_MIN_VERSION = 'TLSv1';
const VERSIONS = {'1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3'};

function optionsOf(visit) {
  const versions = visit.versions.split(',');
  return {
    host: '127.0.0.1',
    port: Number(visit.port),
    servername: visit.name,
    ca: fs.readFileSync(visit.ca),
    minVersion: VERSIONS[versions[0]],
    maxVersion: VERSIONS[versions[versions.length - 1]],
    ciphers: 'DEFAULT:@SECLEVEL=0',
    ...(visit.alpn ? {ALPNProtocols: visit.alpn.split(',')} : {}),
  };
}

function describe(socket) {
  return {
    version: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    group: socket.getEphemeralKeyInfo().name || '',
    alpn: socket.alpnProtocol || '',
  };
}

function whole(stream) {
  return new Promise((resolve, reject) => {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => resolve(Buffer.concat(parts).toString('latin1')));
    stream.on('error', reject);
    stream.on('aborted', () => reject(new Error('aborted')));
  });
}

function ask(visit, agent, found) {
  return new Promise((resolve, reject) => {
    const headers = {Host: visit.name};
    const request =
        https.get({...optionsOf(visit), path: visit.path, agent, headers}, (response) => {
          whole(response).then(resolve, reject);
        });
    request.on('socket', (socket) => {
      if (!found.version) socket.once('secureConnect', () => Object.assign(found, describe(socket)));
    });
    request.on('error', reject);
  });
}

async function overHttp1(visit, found) {
  const times = Number(visit.times || 1);
  const agent = new https.Agent({keepAlive: times > 1, maxSockets: 1});
  found.body = '';
  for (let i = 0; i < times; ++i) found.body += await ask(visit, agent, found);
  agent.destroy();
}

function overHttp2(visit, found) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(
        `https://${visit.name}:${visit.port}`,
        {createConnection: () => tls.connect(optionsOf(visit))});
    session.on('error', reject);
    session.on('connect', () => Object.assign(found, describe(session.socket)));
    const bodies = [];
    for (let i = 0; i < Number(visit.times || 1); ++i) {
      const stream = session.request({':path': visit.path});
      const last = i + 1 === Number(visit.times || 1);
      if (visit.cancel && last) {
        stream.on('response', () => stream.close(http2.constants.NGHTTP2_CANCEL));
        bodies.push(new Promise((closed) => stream.on('close', () => closed(''))));
      } else {
        let trailer = '';
        stream.on('trailers', (all) => trailer = visit.trailer ? all[visit.trailer] : '');
        bodies.push(whole(stream).then((body) => body + trailer));
      }
    }
    Promise.all(bodies).then((all) => {
      found.body = all.join('');
      session.close(resolve);
    }, reject);
  });
}

function echo(visit, found) {
  return new Promise((resolve, reject) => {
    const sent = crypto.randomBytes(Number(visit.echo));
    let received = Buffer.alloc(0);
    const socket = tls.connect(optionsOf(visit), () => {
      Object.assign(found, describe(socket));
      socket.write(sent);
    });
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      if (received.length >= sent.length) socket.end();
    });
    socket.on('close', () => {
      found.body = received.equals(sent) ? 'intact' : 'changed';
      resolve();
    });
    socket.on('error', reject);
  });
}

async function main() {
  for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
    if (!line) continue;
    const visit = Object.fromEntries(line.split(' ').map((word) => {
      const at = word.indexOf('=');
      return [word.slice(0, at), word.slice(at + 1)];
    }));
    const found = {version: '', cipher: '', group: '', alpn: '', body: '', error: ''};
    try {
      await (visit.echo ? echo : visit.alpn === 'h2' ? overHttp2 : overHttp1)(visit, found);
    } catch (error) {
      found.error = `${error.code || ''} ${error.message}`.trim();
    }
    console.log(JSON.stringify(found));
  }
}

main();
