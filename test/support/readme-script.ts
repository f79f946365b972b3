import { readFileSync } from 'node:fs';

/** The README's shell blocks, from top to bottom, against the shop at this URL. */
export const readmeScript = (url: string): string => {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  return blocks.join('\n').replaceAll('http://localhost:3000', url);
};
