import fc from 'fast-check';

/** The same cases every time, so that a red run means a change; KPLAY_SEED looks further. */
fc.configureGlobal({ seed: Number(process.env['KPLAY_SEED'] ?? 2418) });
