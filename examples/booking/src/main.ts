import '@seam/runtime';
await import('./start.js');
