import { KplayError } from '../model/errors.ts';

/** Encodings of one byte a character, by the names of https://encoding.spec.whatwg.org; iso-8859-1 is windows-1252 there. */
const SINGLE_BYTE = /^(?:windows-125\d|iso-8859-(?:[2-9]|1\d)|koi8-[ru]|ibm866)$/;
const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** The byte of each character. */
const alphabetOf = (name: string): ReadonlyMap<string, number> | undefined => {
  if (name === 'ascii' || name === 'us-ascii') return new Map([...Buffer.from(BYTES.subarray(0, 128)).toString('latin1')].map(pair));
  if (['latin-1', 'latin1', 'iso-8859-1'].includes(name)) return new Map([...Buffer.from(BYTES).toString('latin1')].map(pair));
  return SINGLE_BYTE.test(name) ? new Map([...new TextDecoder(name).decode(BYTES)].map(pair)) : undefined;
};
const pair = (char: string, byte: number): readonly [string, number] => [char, byte];

/** Text in an encoding, by Python's names for it; none is utf-8. E_ARGS for one that is not known, E_TEMPLATE for what it cannot say. */
export const encoded = (text: string, encoding: string): Uint8Array => {
  const name = encoding
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^cp(?=125\d$)/, 'windows-');
  if (['', 'utf-8', 'utf8'].includes(name)) return Buffer.from(text);
  if (name === 'utf-16') return Buffer.from(`\ufeff${text}`, 'utf16le');
  if (name === 'utf-16-le' || name === 'utf-16le') return Buffer.from(text, 'utf16le');
  const alphabet = alphabetOf(name);
  if (alphabet === undefined) throw new KplayError('E_ARGS', `unknown encoding: ${encoding}`);
  return Uint8Array.from([...text], char => {
    const byte = alphabet.get(char);
    if (byte === undefined) throw new KplayError('E_TEMPLATE', `'${name}' codec can't encode character '${char}'`);
    return byte;
  });
};
