export { mongodb, type MongoServiceOptions } from './mongo-engine.js';
