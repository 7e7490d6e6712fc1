import { evaluationError } from '../value/errors.ts';

type Part = number | string;
/** Python's order of lists; a number and a text have none. */
const compareParts = (left: readonly Part[], right: readonly Part[]): number => {
  for (const [at, a] of left.entries()) {
    const b = right[at];
    if (b === undefined) return 1;
    if (a === b) continue;
    if (typeof a !== typeof b)
      throw evaluationError(
        `Version comparison failed: '<' not supported between instances of '${typeof a === 'number' ? 'int' : 'str'}' and '${typeof b === 'number' ? 'int' : 'str'}'`,
      );
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
};

/** distutils' LooseVersion: runs of digits, runs of lower-case letters, and whatever stands between. */
const loose = (text: string): Part[] =>
  text
    .split(/(\d+|[a-z]+|\.)/)
    .filter(part => part !== '' && part !== '.')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));

const strict = (text: string): { numbers: number[]; pre: Part[] | undefined } => {
  const [, major, minor, patch, pre, number] = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text) ?? [];
  if (major === undefined || minor === undefined) throw evaluationError(`Version comparison failed: invalid version number '${text}'`);
  return { numbers: [Number(major), Number(minor), Number(patch ?? 0)], pre: pre === undefined ? undefined : [pre, Number(number)] };
};
/** A version without a pre-release is the later one. */
const comparePre = (left: Part[] | undefined, right: Part[] | undefined, order: (a: Part[], b: Part[]) => number): number => {
  if (!left || !right) return Number(right !== undefined) - Number(left !== undefined);
  return order(left, right);
};

const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*))?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;
const semantic = (text: string): { numbers: number[]; pre: Part[] | undefined } => {
  const found = SEMVER.exec(text);
  if (!found) throw evaluationError(`Version comparison failed: invalid semantic version '${text}'`);
  const [, major, minor, patch, pre] = found;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    pre: pre?.split('.').map(part => (/^\d+$/.test(part) ? Number(part) : part)),
  };
};
/** Numbers come before texts (semver.org, 11). */
const compareSemantic = (left: readonly Part[], right: readonly Part[]): number => {
  for (const [at, a] of left.entries()) {
    const b = right[at];
    if (b === undefined) return 1;
    if (a === b) continue;
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
};

const PEP440 =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+([\da-z]+(?:[-_.][\da-z]+)*))?$/i;
const PRE: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };
/** packaging.version's key: epoch, release, then pre, post and dev, each absent one in its own place. */
const pep440 = (text: string): { release: number[]; rest: number[] } => {
  const found = PEP440.exec(text.trim());
  if (!found) throw evaluationError(`Version comparison failed: Invalid version: '${text}'`);
  const [, epoch, release = '', pre, preNumber, dashed, post, dev] = found;
  const numbers = release
    .replace(/(?:\.0+)+$/, '')
    .split('.')
    .map(Number);
  const isPost = dashed !== undefined || /post|rev|r\d/i.test(text.slice(release.length)) ? Number(dashed ?? post ?? 0) : -1;
  const isDev = dev !== undefined;
  const stage = pre !== undefined ? (PRE[pre.toLowerCase()] ?? 0) : isDev && isPost < 0 ? -1 : 3;
  return { release: [Number(epoch ?? 0), ...numbers], rest: [stage, Number(preNumber || 0), isPost, isDev ? Number(dev || 0) : Infinity] };
};

export type VersionType = 'loose' | 'strict' | 'semver' | 'semantic' | 'pep440';

/** Negative, zero or positive; E_TEMPLATE when a text is no version of that type. */
export const compareVersions = (left: string, right: string, type: VersionType): number => {
  switch (type) {
    case 'loose':
      return compareParts(loose(left), loose(right));
    case 'strict': {
      const [a, b] = [strict(left), strict(right)];
      return compareParts(a.numbers, b.numbers) || comparePre(a.pre, b.pre, compareParts);
    }
    case 'semver':
    case 'semantic': {
      const [a, b] = [semantic(left), semantic(right)];
      return compareParts(a.numbers, b.numbers) || comparePre(a.pre, b.pre, compareSemantic);
    }
    case 'pep440': {
      const [a, b] = [pep440(left), pep440(right)];
      return compareParts(a.release, b.release) || compareParts(a.rest, b.rest);
    }
  }
};
