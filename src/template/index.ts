export { type FileKind, Speculation, type TemplateHost } from './host.ts';
export type { Inspection } from './inspect.ts';
export { controllerHost, type HostServices } from './controller-host.ts';
export type { Difference, OnDifference } from './difference.ts';
export { isTemplate } from './syntax.ts';
export { type ResolveOptions, Templar, type TemplarOptions } from './templar.ts';
