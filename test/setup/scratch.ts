import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** What a file's tests leave in the folder for temporary files goes with them. Like that folder it is open to every user: tests become some. */
const scratch = mkdtempSync(join(tmpdir(), 'kplay-test-'));
chmodSync(scratch, 0o1777);
const before = process.env['TMPDIR'];
process.env['TMPDIR'] = scratch;

afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(scratch, { recursive: true, force: true });
});
