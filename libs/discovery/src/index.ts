export { Discovery, type Instance, type RegistryStatus } from './discovery.js';
export { DiscoveryError } from './errors.js';
export { openDiscovery } from './open-discovery.js';
export { parsePeers } from './peers.js';
export { StaticDiscovery } from './static-discovery.js';
