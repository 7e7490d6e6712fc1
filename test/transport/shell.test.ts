import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/model/session.ts';
import { IN_A_SESSION } from '../../src/shell/session.ts';
import { raw, sh } from '../../src/shell/sh.ts';
import { alive, connectBy, scratch, shells } from './_shells.ts';

const MIB = 1 << 20;
describe.each(shells)('a persistent shell on $name', ({ argv }) => {
  let connection: Connection;
  /** Tells the process of the request's own shell. */
  const own = 'read -r self rest </proc/self/stat';
  const dir = scratch();
  beforeAll(async () => {
    connection = await connectBy(argv);
  });
  afterAll(() => connection.close());
  const text = async (script: string): Promise<string> => (await connection.run({ script })).stdout.toString();
  /** A program that tells its children's pids through a file and waits for ever; resolves when it runs. */
  const started = async (file: string): Promise<readonly number[]> => {
    for (;;) {
      if (existsSync(file)) return readFileSync(file, 'utf8').trim().split(' ').map(Number);
      await new Promise(setImmediate);
    }
  };
  const forever = (file: string): string =>
    sh`${raw(own)}; sleep 1000 & a=$!; (sleep 1000 & echo "$a $! $self" >${file}.new; mv ${file}.new ${file}; wait) & wait`;

  test('names its target by the machine, not by the way to it', async () => {
    const other = await connectBy(argv);
    expect(other.target).toBe(connection.target);
    expect(connection.target).toMatch(/^[0-9a-f]*:[0-9a-f-]{36}:\d+:\d+$/);
    await other.close();
  });

  test('keeps stdout, stderr and status apart', async () => {
    const { rc, stdout, stderr } = await connection.run({ script: 'echo out; echo err >&2; printf more; exit 7' });
    expect([rc, stdout.toString(), stderr.toString()]).toEqual([7, 'out\nmore', 'err\n']);
  });

  test('drops what a quiet one writes to stderr', async () => {
    const loud = { script: 'echo loud >&2' };
    const quiet = { script: 'echo out; echo err >&2; exit 3', quiet: true };
    const said = await Promise.all([loud, quiet, loud, quiet].map(request => connection.run(request)));
    const texts = said.map(({ rc, stdout, stderr }) => [rc, stdout.toString(), stderr.toString()]);
    expect(texts).toEqual(
      [0, 1].flatMap(() => [
        [0, '', 'loud\n'],
        [3, 'out\n', ''],
      ]),
    );
  });

  test('ends a quiet one in time, and answers the one before it', async () => {
    const before = connection.run({ script: 'echo before' });
    const quiet = connection.run({ script: 'echo out; sleep 1000', quiet: true, timeoutMs: 50 });
    expect((await before).stdout.toString()).toBe('before\n');
    await expect(quiet).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(await text('echo on')).toBe('on\n');
  });

  test('carries a MiB of bytes both ways', async () => {
    const bytes = randomBytes(MIB);
    const { stdout } = await connection.run({ script: 'cat', stdin: bytes });
    expect(stdout.equals(bytes)).toBe(true);
  });

  test('gives exactly the given stdin, then its end', async () => {
    expect(await text('cat; echo "rc $?"')).toBe('rc 0\n');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (stdin, read) => {
        const { stdout } = await connection.run({ script: read ? 'cat' : 'exit 0', stdin });
        expect(stdout).toEqual(Buffer.from(read ? stdin : []));
      }),
      { numRuns: 20 },
    );
  });

  test.each([100, 10_000, MIB])('survives a program that leaves most of %i bytes of stdin', async size => {
    const left = connection.run({
      script: 'head -n 1 >/dev/null; exit 3',
      stdin: Buffer.concat([Buffer.from('line\n'), Buffer.alloc(size)]),
    });
    const next = connection.run({ script: 'echo next' });
    expect((await left).rc).toBe(3);
    expect((await next).stdout.toString()).toBe('next\n');
  });

  test('streams from a source, and ends the program when the source breaks off', async () => {
    const open = async function* () {
      yield Buffer.from('half');
    };
    const whole = await connection.run({ script: 'cat', stdin: { sizeBytes: 4, open } });
    expect(whole.stdout.toString()).toBe('half');
    const file = join(dir, 'broken');
    const broken = connection.run({ script: sh`cat >/dev/null; touch ${file}`, stdin: { sizeBytes: 8, open } });
    await expect(broken).rejects.toMatchObject({ code: 'E_FILE' });
    expect(existsSync(file)).toBe(false);
    expect(await text('echo on')).toBe('on\n');
  });

  test('answers a hundred pipelined requests in order', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => connection.run({ script: sh`echo ${i}; exit ${i}` })));
    expect(answers.map(({ rc, stdout }) => [rc, stdout.toString()])).toEqual(answers.map((_, i) => [i, `${i}\n`]));
  });

  test('leaves no trace of one request in the next', async () => {
    await connection.run({ script: 'cd /; umask 077; foo=1; export foo; set -e; exec 3<&0; trap "" TERM' });
    expect(await text('echo "$foo $(pwd)"')).toBe(` ${await text('pwd')}`);
    expect(await text('echo "$#"; env | grep -c "^_k"; set | grep -c "^_kn="')).toBe('0\n0\n0\n');
  });

  test('takes a large program, and shows nothing of it to ps', async () => {
    const secret = randomBytes(8).toString('hex');
    const script = `# ${'x'.repeat(300_000)}\ns=${secret}; echo "$s" | grep -l -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ; echo "$s"`;
    expect(await text(script)).toBe(`${secret}\n`);
  });

  test('says what a program that does not parse says', async () => {
    const { rc, stderr } = await connection.run({ script: 'if' });
    expect(rc).toBe(2);
    expect(stderr.toString()).toMatch(/syntax error|unexpected/i);
  });

  test('is not held by a daemon that keeps stdout open, nor confused by what it prints later', async () => {
    const go = join(dir, 'go');
    const script = sh`(while [ ! -e ${go} ]; do sleep 0.05; done; echo noise; echo noise >&2; touch ${go}.said) & echo started`;
    expect(await text(script)).toBe('started\n');
    await connection.run({ script: sh`touch ${go}; while [ ! -e ${go}.said ]; do sleep 0.05; done` });
    const { stdout, stderr } = await connection.run({ script: 'echo clean' });
    expect([stdout.toString(), stderr.toString()]).toEqual(['clean\n', '']);
  });

  test('a program in a session of its own may signal its group', async () => {
    expect(await text(sh`(${raw(IN_A_SESSION)} sh -c 'kill 0'); echo "$?"`)).toBe('143\n');
    expect(await text('echo on')).toBe('on\n');
  });

  test('reports a program that a signal ended', async () => {
    expect((await connection.run({ script: `${own}; kill -KILL "$self"` })).rc).toBe(137);
    expect(await text('echo on')).toBe('on\n');
  });

  test('kills the whole tree at the limit and goes on', async () => {
    const file = join(dir, 'limit');
    const late = connection.run({ script: `echo partly; ${forever(file)}`, timeoutMs: 1000 });
    const behind = connection.run({ script: 'echo behind' });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT', detail: expect.stringContaining('partly') });
    expect((await started(file)).filter(alive)).toEqual([]);
    expect((await behind).stdout.toString()).toBe('behind\n');
  });

  test('kills what a session of its own was left with', async () => {
    const file = join(dir, 'orphan');
    const orphan = sh`(sleep 1000 & echo "$!" >${file}.new; mv ${file}.new ${file}); sleep 1000`;
    const late = connection.run({ script: sh`(exec setsid sh -c ${orphan}); true`, timeoutMs: 1000 });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect((await started(file)).filter(alive)).toEqual([]);
  });

  test('kills what ignores TERM', async () => {
    const file = join(dir, 'stubborn');
    const late = connection.run({ script: `trap "" TERM; ${forever(file)}`, timeoutMs: 500 });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect((await started(file)).filter(alive)).toEqual([]);
  });

  test('ends what runs on abort, and never starts what waits', async () => {
    const stop = new AbortController();
    const file = join(dir, 'abort');
    const running = connection.run({ script: forever(file), signal: stop.signal });
    const waiting = [1, 2, 3].map(i => connection.run({ script: sh`touch ${dir}/waited${i}`, signal: stop.signal }));
    const all = Promise.allSettled([running, ...waiting]);
    const pids = await started(file);
    stop.abort();
    for (const outcome of await all) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'E_INTERRUPTED' } });
    expect(pids.filter(alive)).toEqual([]);
    expect(await text(sh`ls ${dir} | grep waited; echo on`)).toBe('on\n');
  });

  test('ends what runs when it is closed', async () => {
    const link = await connectBy(argv);
    const file = join(dir, 'close');
    const running = expect(link.run({ script: forever(file) })).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    const pids = await started(file);
    await link.close();
    await running;
    expect(pids.filter(alive)).toEqual([]);
    await expect(link.run({ script: 'true' })).rejects.toMatchObject({ code: 'E_LINK_LOST' });
  });

  test('knows what may have started when the loop is gone, and does the rest anew', async () => {
    const link = await connectBy(argv);
    const root = (await link.run({ script: 'read -r _ _ _ root _ </proc/self/stat; echo "$root"' })).stdout;
    const requests = [sh`kill -KILL ${root.toString().trim()}; sleep 1`, 'true', 'true'].map(script => link.run({ script }));
    const outcomes = await Promise.allSettled(requests);
    const lost = { status: 'rejected', reason: { code: 'E_LINK_LOST', started: true } };
    expect(outcomes).toMatchObject([lost, lost, { status: 'fulfilled', value: { rc: 0 } }]);
    await link.close();
  });
});
