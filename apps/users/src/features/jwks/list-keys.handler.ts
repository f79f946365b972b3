import { type IQueryHandler, Query, QueryHandler } from '@seam/cqrs';
import type { JSONWebKeySet } from 'jose';
import { SigningKeys } from '../../ports/signing-keys.js';

/** The public keys to verify access tokens with (RFC 7517). */
export class ListKeys extends Query<JSONWebKeySet> {}

@QueryHandler(ListKeys)
export class ListKeysHandler implements IQueryHandler<ListKeys> {
  constructor(private readonly keys: SigningKeys) {}

  execute(): Promise<JSONWebKeySet> {
    return this.keys.published();
  }
}
