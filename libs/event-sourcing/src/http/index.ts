export { eventSourcingRoutes } from './event-sourcing-routes.js';
