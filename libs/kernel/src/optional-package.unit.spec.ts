import { loadOptional, PackageMissingError } from './optional-package.js';

describe('a package that is loaded when a setting asks for it', () => {
  it('is returned when it is installed', async () => {
    await expect(loadOptional('SOME_URL', 'MESSAGING', () => import('node:path'))).resolves.toHaveProperty('join');
  });

  it('is named, with the setting and what to do, when it is not installed', async () => {
    const missing = Object.assign(new Error(`Cannot find package 'some-driver' imported from /app/x.js`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const refused = loadOptional('SOME_URL', 'MESSAGING', () => Promise.reject(missing));
    await expect(refused).rejects.toBeInstanceOf(PackageMissingError);
    await expect(refused).rejects.toMatchObject({
      code: 'MESSAGING.PACKAGE_MISSING',
      message:
        'SOME_URL is set, and the package some-driver is not installed. Install it with "npm install some-driver", or unset SOME_URL.',
      cause: missing,
    });
  });

  it.each([`Cannot find module './part.js'`, 'the server said no'])('passes on another failure: %s', async (text) => {
    const failure = new Error(text);
    await expect(loadOptional('SOME_URL', 'MESSAGING', () => Promise.reject(failure))).rejects.toBe(failure);
  });
});
