import * as z from 'zod';

type Labels = Readonly<Record<string, string>>;

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/ */
export const labelSelector = z.object({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) })).default([]),
});
export type LabelSelector = z.output<typeof labelSelector>;

/** An empty selector selects everything. */
export const selects = ({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    if (operator === 'In') return value !== undefined && values.includes(value);
    return value === undefined || !values.includes(value);
  });
