/** The name that a condition's value is set under while it is evaluated: one that no playbook uses. */
export const CONDITION = '_condition';
