import * as k from '@seam/kernel';
console.log('orders', k);
