import { down, images, list, up } from '../../src/lab/index.ts';

const DOCKER = 3;
const PLAIN = 5;
const say = (line: string): void => console.log(`lab: ${line}`);

/** Boots h1 to h3 with Docker, h4 to h8 without. A lab that is up already is used as it is, and stays. */
export const setup = async (): Promise<() => Promise<void>> => {
  const wasUp = (await list()).length > 0;
  await up({ count: DOCKER, docker: true }, say);
  await up({ count: PLAIN, from: DOCKER + 1 }, say);
  await images(say);
  return () => (wasUp ? Promise.resolve() : down(say));
};
