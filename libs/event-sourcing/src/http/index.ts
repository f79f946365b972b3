export { answerPosition, ReadPosition, SEAM_POSITION } from './seam-position.js';
export { eventSourcingRoutes } from './event-sourcing-routes.js';
