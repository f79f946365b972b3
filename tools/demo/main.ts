import '@seam/runtime';

await import('./demo.js');
