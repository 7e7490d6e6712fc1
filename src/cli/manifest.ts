const { readFileSync } = process.getBuiltinModule('node:fs');

/** Where kplay is, and which. Read without an import, as every start asks. */
export const program = (): { readonly home: string; readonly version: string } => {
  const home = `${import.meta.dirname}/../..`;
  const manifest: unknown = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'));
  return { home, version: String((manifest as { version: unknown }).version) };
};
