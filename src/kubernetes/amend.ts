import { KplayError } from '../model/errors.ts';
import { ApiError } from './api-error.ts';
import { called, type Kubernetes, type Manifest, type Place } from './client.ts';

/** Who changes what kplay changes without being told a name. */
export const FIELD_MANAGER = 'kplay';
const MOST_TRIES = 5;

/** The object as it is. E_STATE where there is none. */
export const existing = async (api: Kubernetes, place: Place): Promise<Manifest> => {
  const found = await api.get(place);
  if (found === undefined) throw new KplayError('E_STATE', `${called(place)} not found`);
  return found;
};

/** Changes an object as it is now, and nothing that somebody else makes of it meanwhile: then it is looked at again. No patch, no change. */
export const amend = async (api: Kubernetes, place: Place, patchFor: (object: Manifest) => Manifest | undefined): Promise<Manifest> => {
  for (let tries = 1; ; tries += 1) {
    const object = await existing(api, place);
    const patch = patchFor(object);
    if (patch === undefined) return object;
    const { resourceVersion = null } = object['metadata'] as Manifest;
    const metadata = { ...(patch['metadata'] as Manifest | undefined), resourceVersion };
    try {
      return await api.patch(place, { ...patch, metadata }, FIELD_MANAGER);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || tries === MOST_TRIES) throw error;
    }
  }
};
