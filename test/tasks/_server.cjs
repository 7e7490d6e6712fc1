// A web server for the tests of uri, in a process of its own: the programs run while the test waits. Prints its port.
const { createServer } = require('node:http');

const answers = {
  '/json': (_, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('X-Two-Words', 'a');
    response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2']);
    response.end('{"a": [1, "é"]}');
  },
  '/text': (request, response) => {
    response.setHeader('Content-Type', 'text/plain');
    if (request.method === 'PUT') response.writeHead(405).end('read only\n');
    else response.end('one\ntwo\n');
  },
  '/missing': (_, response) => {
    response.writeHead(404, { 'Content-Type': 'application/json' });
    response.end('{"why": "gone"}');
  },
  '/moved': (_, response) => {
    response.writeHead(302, { Location: '/text' });
    response.end();
  },
  '/files/dated.txt': (request, response) => {
    const changed = Date.UTC(2020, 0, 1);
    if (Date.parse(request.headers['if-modified-since'] ?? '') >= changed) return response.writeHead(304).end();
    response.setHeader('Last-Modified', new Date(changed).toUTCString());
    response.end('dated\n');
  },
  '/files/SHA256SUMS': (_, response) => {
    const { createHash } = require('node:crypto');
    response.end(`${'0'.repeat(64)}  other\n${createHash('sha256').update('dated\n').digest('hex')} *./dated.txt\n`);
  },
  '/named?x=1': (_, response) => {
    response.setHeader('Content-Disposition', 'attachment; filename="given.txt"');
    response.end('named\n');
  },
  '/echo': (request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const { method, headers } = request;
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ method, headers, body: Buffer.concat(chunks).toString() }));
    });
  },
};
const server = createServer((request, response) => {
  const answer = answers[request.url];
  if (answer) answer(request, response);
  else response.writeHead(500).end();
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
