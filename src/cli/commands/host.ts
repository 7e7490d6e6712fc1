import { resolve } from 'node:path';
import { loadConfig } from '../config.ts';
import type { CommonFlags, ExecFlags, RenderFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { type Style, withReports } from '../reports.ts';
import { commonSettings } from '../resolve-settings.ts';
import type { Common } from '../settings.ts';
import type { System } from '../system.ts';

type Compose = typeof import('../compose.ts');
type Work = (compose: Compose, settings: Common, io: Io) => Promise<number>;

const withHosts = async (flags: CommonFlags, style: Style, system: System, work: Work): Promise<number> => {
  const config = await loadConfig(system.cwd, system.env);
  const settings = await commonSettings(flags, config, system, true);
  return await withReports(settings, style, system, async io => await work(await import('../compose.ts'), settings, io));
};

/** `kplay exec`. */
export const execModule = (pattern: string, flags: ExecFlags, system: System): Promise<number> =>
  withHosts(flags, 'results', system, (compose, settings, io) =>
    compose.execAdHoc({ ...settings, pattern, module: flags.moduleName, args: flags.args }, io),
  );

/** `kplay facts`. */
export const printFacts = (host: string, flags: CommonFlags, system: System): Promise<number> =>
  withHosts(flags, 'none', system, (compose, settings, io) => compose.gatherFacts({ ...settings, host }, io));

/** `kplay render`. */
export const printRendered = (file: string, flags: RenderFlags, system: System): Promise<number> =>
  withHosts(flags, 'none', system, (compose, settings, io) =>
    compose.renderFile({ ...settings, file: resolve(system.cwd, file), host: flags.host }, io),
  );
