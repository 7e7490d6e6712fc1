/**
 * The look-ahead rules, each of which a test can switch off to see the proof fail. A real run has all of them on.
 * Numbers are those of docs/look-ahead.md.
 */
export type Rule = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;
export type RulesOff = ReadonlySet<Rule>;
export const ALL_RULES: RulesOff = new Set();
