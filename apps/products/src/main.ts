import * as k from '@seam/kernel';
console.log('products', k);
