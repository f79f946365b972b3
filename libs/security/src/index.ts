export { accessTokenProfile, issueAccessToken, type SigningKey } from './access-token.js';
export { Caller, type OptionalCaller } from './caller.js';
export { Authenticated, type Policy, POLICY_EXTENSION, Public, Staff } from './policies.js';
export { SecurityModule } from './security.module.js';
export { LocalVerificationKeys } from './verification-keys.js';
