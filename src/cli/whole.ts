// All that kplay's two programs load when there is work to do; the build makes one file of it.
export { keep } from './keep.ts';
export { askLine, askPassword } from './password.ts';
export { runCli } from './program.ts';
