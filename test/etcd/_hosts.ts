import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { execute } from '../tasks/_converge.ts';
import { labShell } from '../tasks/_lab.ts';

/** Hosts with Docker of whichever lab KPLAY_LAB names, by their names. */
export const HOSTS = ['h1', 'h2', 'h3'] as const;
export type Host = (typeof HOSTS)[number];
export const LAB = process.env['KPLAY_LAB'] ?? '';

export const addressOf = (host: Host): string => {
  const address = new RegExp(`^${host} ansible_host=(\\S+)$`, 'm').exec(readFileSync(LAB, 'utf8'))?.[1];
  if (address === undefined) throw new Error(`${LAB} has no ${host}`);
  return address;
};
export const registry = (): string => addressOf('h1').replace(/[0-9]+$/, '1:10500');

/** Runs a script there as root; what it prints. */
export const on = (host: Host, script: string): string => {
  const { rc, stdout, stderr } = execute(labShell(host), script);
  if (rc !== 0) throw new Error(`${host}: ${script} exits ${rc}: ${stderr.toString()}`);
  return stdout.toString().trim();
};

/** A file for this test only. */
export const fileOf = (name: string, text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kplay-member-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
