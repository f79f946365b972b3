import * as k from '@seam/kernel';
console.log('monolith', k);
