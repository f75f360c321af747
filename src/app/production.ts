/** The composition root: the real venues and the real store backends, named here and in their registries alone. */
export { type OpenMode, openStore, remoteStoreName, shownStore } from '../storage/open-store.ts'
export { venueById, venues } from '../venues/registry.ts'
