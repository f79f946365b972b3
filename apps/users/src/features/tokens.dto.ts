import { text } from '@seam/kernel';
import { z } from 'zod';

/** The answer to a log-in or a refresh (RFC 6749, 5.1, in camel case). */
export const TokensAnswer = z.object({
  accessToken: z.string(),
  refreshToken: z.string().describe('Can be used once'),
  expiresIn: z.int().describe('Seconds the access token is valid'),
  tokenType: z.literal('Bearer'),
});
export type TokensAnswer = z.infer<typeof TokensAnswer>;

const refreshTokenExample = 'kq3vH0Jm6wq7yQXo2b1m5rB4xkqKqT1c0e8sZl9dWnA';

export const tokensExample: TokensAnswer = {
  accessToken: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI…',
  refreshToken: refreshTokenExample,
  expiresIn: 900,
  tokenType: 'Bearer',
};

/** A refresh token as sent by a client; a text that is not one of our tokens is simply not found. */
export const RefreshTokenBody = z
  .strictObject({ refreshToken: text({ min: 1, max: 200 }) })
  .meta({ example: { refreshToken: refreshTokenExample } });
export type RefreshTokenBody = z.infer<typeof RefreshTokenBody>;
