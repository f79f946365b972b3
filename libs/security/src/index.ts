export {
  accessTokenProfile,
  bearerToken,
  expiryOf,
  issueAccessToken,
  type SigningKey,
  verifyAccessToken,
} from './access-token.js';
export { Caller, type OptionalCaller } from './caller.js';
export { Authenticated, isForStaff, type Policy, POLICY_EXTENSION, Public, Staff } from './policies.js';
export { newSealingKeyPair, Opener, sealedFor, Sealer, type SealingKeyPair } from './sealed-text.js';
export { type KeySource, SecurityModule } from './security.module.js';
export { LocalVerificationKeys, VerificationKeys } from './verification-keys.js';
