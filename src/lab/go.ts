import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, keyOf } from './cache.ts';
import type { Lab } from './lab.ts';
import { requireMachine } from './machine.ts';
import type { Variables } from './run.ts';
import { run } from './run.ts';
import { goCompiler } from './toolchain.ts';

/** Programs that are compiled from published Go modules. */
export interface GoPrograms {
  readonly module: string;
  readonly version: string;
  /** Modules of the same repository that are published under the same version. */
  readonly siblings?: readonly string[];
  /** Version under which the modules are published that the module itself takes from its folder `staging`. */
  readonly staging?: string;
  /** Package of each program, by the program's name; `.` is `main`. */
  readonly packages: Readonly<Record<string, string>>;
  /** Text of a main package of our own. */
  readonly main?: string;
  /** Values of string variables, by import path and name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Parts of it are written in C. */
  readonly cgo?: boolean;
}

/** What `go mod edit -json` tells of a module's go.mod, as far as it matters here. */
export interface GoMod {
  readonly Go: string;
  readonly Replace?: readonly { readonly Old: { readonly Path: string }; readonly New: { readonly Path: string } }[] | null;
}

/** The folder with the programs, all of them static; compiles them if the cache has none. */
export const goPrograms = (lab: Lab, programs: GoPrograms, progress: (line: string) => void): Promise<string> => {
  const cache = join(lab.cacheDir, 'go');
  return cached(join(cache, `programs-${keyOf(programs)}`), async (folder, scratch) => {
    const { module, version, packages, main, cgo } = programs;
    if (cgo) await requireMachine(['gcc']);
    const compiler = await goCompiler(lab);
    progress(`compiling ${module} ${version} (once, some minutes)`);
    const variables = { ...variablesIn(cache), CGO_ENABLED: cgo ? '1' : '0' };
    const go = (...args: readonly string[]): Promise<string> => run(compiler, args, scratch, variables);
    const { GoMod: path } = JSON.parse(await go('mod', 'download', '-json', `${module}@${version}`)) as { GoMod: string };
    const published = JSON.parse(await go('mod', 'edit', '-json', path)) as GoMod;
    await writeFile(join(scratch, 'go.mod'), goModOf(programs, published));
    if (main !== undefined) await writeFile(join(scratch, 'main.go'), main);
    for (const [name, path] of Object.entries(packages)) await go('build', ...flagsOf(programs), '-o', join(folder, name), path);
  });
};

/** The go.mod of a module that only requires others: what those replace in their own go.mod is not replaced for it (Go Modules Reference). */
export const goModOf = ({ module, version, siblings = [], staging }: GoPrograms, { Go, Replace }: GoMod): string => {
  const staged = (Replace ?? []).filter(({ New }) => New.Path.startsWith('./staging/')).map(({ Old }) => Old.Path);
  return [
    'module programs',
    `go ${Go}`,
    ...[module, ...siblings].map(path => `require ${path} ${version}`),
    ...(staging === undefined ? [] : staged.map(path => `replace ${path} => ${path} ${staging}`)),
    '',
  ].join('\n');
};

const flagsOf = ({ variables = {}, cgo }: GoPrograms): readonly string[] => {
  const values = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const linker = ['-s -w', ...values, ...(cgo ? ['-extldflags -static'] : [])].join(' ');
  return ['-trimpath', `-ldflags=${linker}`, ...(cgo ? ['-tags=netgo,osusergo'] : [])];
};

// Where modules come from is the machine's affair (GOPROXY, GOSUMDB and their like); where they are kept, and that no other compiler is
// fetched, is the lab's.
const variablesIn = (cache: string): Variables => ({
  GOPATH: cache,
  GOMODCACHE: join(cache, 'mod'),
  GOCACHE: join(cache, 'build'),
  GOFLAGS: '-mod=mod',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
});
