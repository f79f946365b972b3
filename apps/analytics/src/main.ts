import * as k from '@seam/kernel';
console.log('analytics', k);
