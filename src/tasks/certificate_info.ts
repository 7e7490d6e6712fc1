import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { content } from '../probes/content.ts';
import { listOf, path } from './args.ts';
import { defineModule } from './define.ts';
import { daysLeft, described, readCertificate } from './x509/read.ts';

const args = z.strictObject({
  paths: listOf(path).describe('Certificates in PEM, on the host. One that is not there is left out.'),
});

/** Of community.crypto.x509_certificate_info for many files at once: what certificates say, and how long they are good for. */
export const certificateInfo = defineModule<readonly (Buffer | undefined)[]>()({
  name: 'certificate_info',
  summary: 'Tell what certificates say, and how many days they are valid yet.',
  reach: 'host',
  args,
  observe: ({ paths }) => paths.map(subject => ({ kind: content, subject })),
  analyze: () => [],
  act: () => [],
  result: ({ paths }, seen) => ({
    changed: false,
    certificates: paths.flatMap((file, index) => {
      const pem = seen[index];
      if (pem === undefined) return [];
      const certificate = readCertificate(pem);
      if (certificate === undefined) throw new KplayError('E_STATE', `${file} holds no certificate`);
      return [
        {
          path: file,
          ...described(certificate),
          not_before: certificate.validFromDate.toISOString(),
          not_after: certificate.validToDate.toISOString(),
          days_left: daysLeft(certificate, new Date()),
        },
      ];
    }),
  }),
});
