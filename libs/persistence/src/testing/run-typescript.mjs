// Lets Node run this folder's TypeScript sources unchanged, in a child process that a test can kill: `node --import`
// this file.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => {
    const source = context.parentURL?.endsWith('.ts') && /^\.{1,2}\/.*\.js$/.test(specifier);
    return next(source ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
