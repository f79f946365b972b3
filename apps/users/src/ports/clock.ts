/** Token of the service's `Clock`. */
export const CLOCK = Symbol('clock');
