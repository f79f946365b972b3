import * as k from '@seam/kernel';
console.log('notifications', k);
