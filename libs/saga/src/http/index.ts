export { sagaRoutes } from './saga-routes.js';
