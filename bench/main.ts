import '@seam/runtime';

await import('./bench.js');
