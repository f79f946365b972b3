import * as k from '@seam/kernel';
console.log('payments', k);
