export * from './saga-view.js';
