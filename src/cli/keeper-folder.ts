import type { Env } from './system.ts';

/** Where keepers of this user are. Without an import, as every start asks. */
export const keeperFolder = ({ XDG_RUNTIME_DIR: runtime, HOME: home }: Env): string =>
  runtime ? `${runtime}/kplay` : `${home ?? process.getBuiltinModule('node:os').homedir()}/.cache/kplay/keeper`;
