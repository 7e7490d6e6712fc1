/** A place in a file the user wrote; line and column are 1-based. Every user-facing error carries one where it can. */
export interface Source {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** `file:line:col`, the form editors and terminals make clickable. */
export const place = ({ file, line, col }: Source): string => `${file}:${line}:${col}`;
