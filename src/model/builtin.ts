/** The short name of a plugin or module of Ansible's own, which may be written with its collection; any other name stays as it is. */
export const withoutCollection = (name: string): string => name.replace(/^ansible\.(?:builtin|legacy)\./, '');
