import * as k from '@seam/kernel';
console.log('inventory', k);
