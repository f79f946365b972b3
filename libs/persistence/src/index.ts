export { awaitEngine, EngineUnavailableError } from './await-engine.js';
export { outageIn, StoreAwayError } from './store-away.js';
export { createDirectory } from './create-directory.js';
