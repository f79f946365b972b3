export {
  accessTokenProfile,
  issueAccessToken,
  type IssueOptions,
  type SigningKey,
  verifyAccessToken,
} from './access-token.js';
export { Caller, type OptionalCaller } from './caller.js';
export { Authenticated, type Policy, POLICY, POLICY_EXTENSION, Public, Staff } from './policies.js';
export { SecurityModule } from './security.module.js';
export { LocalVerificationKeys, RemoteVerificationKeys, VerificationKeys } from './verification-keys.js';
