/** Whose semantics are followed: those of ansible-core 2.18, or of 2.19 and later. */
export const SEMANTICS = ['2.18', '2.19'] as const;
export type SemanticsVersion = (typeof SEMANTICS)[number];

/** The release that kplay is compared with, which `ansible_version` names. */
export const ANSIBLE_CORE: Readonly<Record<SemanticsVersion, string>> = { '2.18': '2.18.19', '2.19': '2.19.14' };
