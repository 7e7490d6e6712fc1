import type { Fields, Output } from '../model/module.ts';
import { lines } from './program.ts';

/** What the programs of shadow printed; Ansible's `user` and `group` tell it only where it is something. */
export const printed = (output: Output | undefined): Fields => {
  const [stdout, stderr] = [output?.stdout.toString() ?? '', output?.stderr.toString() ?? ''];
  return {
    ...(stdout === '' ? {} : { stdout, stdout_lines: lines(stdout) }),
    ...(stderr === '' ? {} : { stderr, stderr_lines: lines(stderr) }),
  };
};

/** A program that failed, in its own words; undefined where it did not. */
export const failure = (name: string, output: Output | undefined): Fields | undefined =>
  output === undefined || output.rc === 0
    ? undefined
    : { changed: false, failed: true, name, msg: output.stderr.toString().trim() || `the act ended with status ${output.rc}` };
