import * as k from '@seam/kernel';
console.log('users', k);
