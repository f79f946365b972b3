export { Discovery, type Instance } from './discovery.js';
export { openDiscovery } from './open-discovery.js';
export { parsePeers } from './peers.js';
